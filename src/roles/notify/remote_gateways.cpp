#include "roles/notify/remote_gateways.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/completion.h"
#include "base/log.h"
#include "net/http_client.h"
#include "roles/notify/gateway_handler.h"
#include "wire/gateway_call_json.h"

namespace tidings {
namespace {

// A gateway that nobody was told through for so long is forgotten, with its connection.
constexpr milliseconds kForgetAfter = seconds(60);
constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr milliseconds kComplainEvery = seconds(10);
constexpr int kUnauthorized = 401;
constexpr int kNotFound = 404;
constexpr int kGone = 410;

// Tells one group, or asks for a recheck.
struct Telling {
  std::optional<GroupId> group;
  std::vector<UserId> users;
  Instant deadline;

  // What the one who waits is to do next.
  enum class Turn : std::uint8_t { Answered, Lead };
  Completion<Turn> turn{};
  Result<void> outcome{};
};

// One gateway that is elsewhere.
struct Lane {
  Lane(AsioLoop& loop, HttpClient::Config config) : client(loop, std::move(config)) {}

  HttpClient client;
  std::deque<Telling*> waiting{};
  bool is_led = false;
  Instant used_at{};
};

// Nothing for an address that can't be one.
std::optional<HttpClient::Config> config_of(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  HttpClient::Config config;
  config.host = address.substr(0, colon);
  if (config.host.starts_with('[') && config.host.ends_with(']'))
    config.host = config.host.substr(1, config.host.size() - 2);
  const char* const end = address.data() + address.size();
  const auto read = std::from_chars(address.data() + colon + 1, end, config.port);
  if (read.ec != std::errc() || read.ptr != end || config.port == 0) return std::nullopt;
  config.idle_max = 1;
  config.body_bytes_max = kAnswerBytesMax;
  return config;
}

// Takes from the front what one call can carry: at least one telling.
std::vector<Telling*> take_batch(std::deque<Telling*>& waiting) {
  std::vector<Telling*> batch;
  std::size_t users = 0;
  while (!waiting.empty() && batch.size() < GatewayCall::kGroupsMax) {
    const std::size_t more = waiting.front()->users.size();
    if (!batch.empty() && users + more > GatewayCall::kUsersMax) break;
    users += more;
    batch.push_back(waiting.front());
    waiting.pop_front();
  }
  return batch;
}

GatewayCall call_of(const std::vector<Telling*>& batch, std::uint64_t incarnation) {
  GatewayCall call{.incarnation = incarnation, .changed = {}, .recheck = {}};
  for (const Telling* const telling : batch) {
    if (telling->group) {
      call.changed.push_back({*telling->group, telling->users});
    } else {
      call.recheck.insert(call.recheck.end(), telling->users.begin(), telling->users.end());
    }
  }
  return call;
}

}  // namespace

struct RemoteGateways::Impl {
  AsioLoop& loop;
  Gateway& own;
  const std::string secret;
  const Limits limits;
  std::map<GatewayId, std::unique_ptr<Lane>> lanes{};
  Instant complained_at{};

  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> tellings{0};
  std::atomic<std::uint64_t> failed{0};

  Lane* lane_of(const GatewayId& gateway, Instant now) {
    const auto found = lanes.find(gateway);
    if (found != lanes.end()) return found->second.get();
    std::erase_if(lanes, [now](const auto& entry) {
      const Lane& lane = *entry.second;
      return !lane.is_led && lane.waiting.empty() && now - lane.used_at > kForgetAfter;
    });
    auto config = config_of(gateway.address);
    if (!config) return nullptr;
    auto lane = std::make_unique<Lane>(loop, std::move(*config));
    return lanes.emplace(gateway, std::move(lane)).first->second.get();
  }

  Task<Result<void>> tell(GatewayId gateway, std::optional<GroupId> group,
                          std::vector<UserId> users) {
    const Instant now = std::chrono::steady_clock::now();
    Lane* const lane = lane_of(gateway, now);
    if (lane == nullptr) co_return {};  // presence held nonsense: nobody is there
    if (lane->waiting.size() >= limits.waiting_max)
      co_return fail(ErrorCode::Unavailable, "Too much waits for that gateway.");
    lane->used_at = now;
    Telling telling{
        .group = group, .users = std::move(users), .deadline = now + limits.answer_within};
    lane->waiting.push_back(&telling);
    if (std::exchange(lane->is_led, true)) {
      const Telling::Turn turn = co_await telling.turn;
      if (turn == Telling::Turn::Answered) co_return telling.outcome;
    }
    // It stands at the front of what waits, and leads the next call.
    auto leading = lead(*lane, std::move(gateway));
    co_await std::move(leading);
    co_return telling.outcome;
  }

  // Makes one call, and hands the lead on.
  Task<void> lead(Lane& lane, GatewayId gateway) {
    const std::vector<Telling*> batch = take_batch(lane.waiting);
    Telling* const leader = batch.front();
    auto calling = call(lane, gateway, batch);
    const auto outcome = co_await std::move(calling);
    if (!outcome) failed.fetch_add(batch.size(), std::memory_order_relaxed);
    lane.is_led = !lane.waiting.empty();
    if (lane.is_led) lane.waiting.front()->turn.set(Telling::Turn::Lead);
    for (Telling* const telling : batch) {
      telling->outcome = outcome;
      if (telling != leader) telling->turn.set(Telling::Turn::Answered);
    }
  }

  Task<Result<void>> call(Lane& lane, const GatewayId& gateway,
                          const std::vector<Telling*>& batch) {
    calls.fetch_add(1, std::memory_order_relaxed);
    tellings.fetch_add(batch.size(), std::memory_order_relaxed);
    HttpClient::Call request{
        .method = "POST",
        .target = kTellPath,
        .headers = {{"Authorization", "Bearer " + secret}, {"Content-Type", "application/json"}},
        .body = encode_gateway_call(call_of(batch, gateway.incarnation))};
    // The one that has waited longest has no time to lose.
    auto calling = lane.client.call(std::move(request), batch.front()->deadline);
    const auto reply = co_await std::move(calling);
    if (!reply) {
      complain(gateway, reply.error().detail);
      co_return forward(reply);
    }
    if (reply->status / 100 == 2 || reply->status == kNotFound || reply->status == kGone)
      co_return {};
    complain(gateway, reply->status == kUnauthorized
                          ? "its internal-secret is not ours"
                          : "it answered " + std::to_string(reply->status));
    co_return fail(ErrorCode::Unavailable, "That gateway refused.");
  }

  void complain(const GatewayId& gateway, std::string_view reason) {
    const Instant now = std::chrono::steady_clock::now();
    if (now - complained_at < kComplainEvery && complained_at != Instant{}) return;
    complained_at = now;
    log_warn("gateways.not_told", {{"gateway", gateway.address}, {"reason", reason}});
  }
};

RemoteGateways::RemoteGateways(AsioLoop& loop, Gateway& own, std::string secret)
    : RemoteGateways(loop, own, std::move(secret), Limits{}) {}

RemoteGateways::RemoteGateways(AsioLoop& loop, Gateway& own, std::string secret, Limits limits)
    : impl_(new Impl{.loop = loop, .own = own, .secret = std::move(secret), .limits = limits}) {}

RemoteGateways::~RemoteGateways() = default;

Task<Result<void>> RemoteGateways::changed(GatewayId gateway, GroupId group,
                                           std::vector<UserId> users) {
  if (gateway == impl_->own.self()) {
    impl_->own.changed(group, users);
    co_return {};
  }
  auto telling = impl_->tell(std::move(gateway), group, std::move(users));
  co_return co_await std::move(telling);
}

Task<Result<void>> RemoteGateways::recheck(GatewayId gateway, std::vector<UserId> users) {
  if (gateway == impl_->own.self()) {
    impl_->own.recheck(users);
    co_return {};
  }
  auto telling = impl_->tell(std::move(gateway), std::nullopt, std::move(users));
  co_return co_await std::move(telling);
}

RemoteGateways::Stats RemoteGateways::stats() const {
  return {.calls = impl_->calls.load(std::memory_order_relaxed),
          .tellings = impl_->tellings.load(std::memory_order_relaxed),
          .failed = impl_->failed.load(std::memory_order_relaxed)};
}

}  // namespace tidings
