#include "adapters/redis/redis_presence.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/redis/gateway_lives.h"
#include "adapters/redis/redis_names.h"
#include "base/task_group.h"

namespace tidings {
namespace {

constexpr std::string_view kEntriesLastSeconds = "604800";
constexpr std::string_view kLifeMs = "10000";
constexpr std::size_t kStrikesMax = 64;  // of one call

// The field of a gateway's life in the hash of a user: <address>#<incarnation>. Its value is the
// number of the registration, another one each time.
std::string field_of(const GatewayId& gateway) {
  return gateway.address + '#' + std::to_string(gateway.incarnation);
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = error == std::errc() && end == text.data() + text.size();
  return all ? std::optional(number) : std::nullopt;
}

std::optional<GatewayId> read_field(std::string_view field) {
  const auto mark = field.rfind('#');
  if (mark == std::string_view::npos) return std::nullopt;
  const auto incarnation = read_number(field.substr(mark + 1));
  if (!incarnation) return std::nullopt;
  return GatewayId{std::string(field.substr(0, mark)), *incarnation};
}

// Strikes an entry out unless it was registered again meanwhile.
//   KEYS  the hash of the user    ARGV  field, value seen
const RedisScript& strike_script() {
  static const RedisScript kScript = RedisClient::script(R"lua(
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
)lua");
  return kScript;
}

// A field that was found.
struct Entry {
  UserId user;
  GatewayId gateway;
  std::string registration;
};

using Addresses = std::set<std::string>;

}  // namespace

struct RedisPresence::Impl {
  RedisLink& link;
  const Clock& clock;
  const std::function<void()> was_forgotten;
  GatewayLives lives;
  std::atomic<std::uint64_t> registrations{0};
  std::atomic<bool> has_beaten{false};
  std::atomic<std::uint64_t> located{0};
  std::atomic<std::uint64_t> round_trips{0};
  std::atomic<std::uint64_t> struck_out{0};

  Impl(RedisLink& link_in, const Clock& clock_in, std::function<void()> was_forgotten_in)
      : link(link_in),
        clock(clock_in),
        was_forgotten(std::move(was_forgotten_in)),
        lives(clock_in) {}

  // Lives are asked for behind the users: a gateway beats before it registers anybody, so whoever
  // is found finds their gateway alive.
  Task<Result<std::vector<Entry>>> ask(std::vector<UserId> users, Addresses addresses) {
    std::vector<RedisCommand> commands;
    commands.reserve(users.size() + addresses.size());
    for (const UserId user : users) commands.push_back({{"HGETALL", user_key(user, "p")}});
    for (const std::string& address : addresses) {
      commands.push_back({{"GET", gateway_key(address, "l")}});
    }
    const std::size_t expected = commands.size();
    const Instant asked_at = clock.monotonic();
    auto running = link.run(std::move(commands), link.deadlines().other);
    const auto replies = co_await std::move(running);
    round_trips.fetch_add(1, std::memory_order_relaxed);
    if (!replies) co_return forward(replies);
    if (replies->size() != expected) {
      co_return fail(ErrorCode::Unavailable, "Redis answered another number of commands.");
    }
    auto life = replies->begin() + static_cast<std::ptrdiff_t>(users.size());
    for (const std::string& address : addresses) {
      lives.learn(address, read_number((life++)->text), asked_at);
    }
    std::vector<Entry> entries;
    for (std::size_t index = 0; index < users.size(); ++index) {
      read_entries(users[index], (*replies)[index], entries);
    }
    co_return entries;
  }

  static void read_entries(UserId user, const RedisReply& reply, std::vector<Entry>& entries) {
    for (std::size_t item = 0; item + 1 < reply.list.size(); item += 2) {
      auto gateway = read_field(reply.list[item].text);
      if (!gateway) continue;
      entries.push_back({user, std::move(*gateway), reply.list[item + 1].text});
    }
  }

  // Where a second question is needed: nobody is passed over by a life that was learned before this
  // call, and nobody struck out by one that was learned before their entry was seen.
  Addresses unsure(const std::vector<Entry>& entries, const Addresses& asked) const {
    Addresses addresses;
    for (const Entry& entry : entries) {
      const auto verdict = lives.judge(entry.gateway);
      if (verdict == GatewayLives::Verdict::Lives) continue;
      const bool was_asked = asked.contains(entry.gateway.address);
      if (!was_asked || verdict == GatewayLives::Verdict::Gone) {
        addresses.insert(entry.gateway.address);
      }
    }
    return addresses;
  }

  Task<void> strike_out(Entry entry) {
    std::vector<std::string> keys{user_key(entry.user, "p")};
    std::vector<std::string> arguments{field_of(entry.gateway), std::move(entry.registration)};
    auto running =
        link.run(strike_script(), std::move(keys), std::move(arguments), link.deadlines().other);
    const auto reply = co_await std::move(running);
    if (reply && reply->integer == 1) struck_out.fetch_add(1, std::memory_order_relaxed);
  }
  Task<void> strike_out_all(std::vector<Entry> gone) {
    if (gone.empty()) co_return;
    round_trips.fetch_add(1, std::memory_order_relaxed);
    TaskGroup under_way("redis.presence");
    for (Entry& entry : gone) under_way.spawn(strike_out(std::move(entry)));
    co_await under_way.join();
  }
};

RedisPresence::RedisPresence(RedisLink& link, const Clock& clock,
                             std::function<void()> was_forgotten)
    : impl_(std::make_unique<Impl>(link, clock, std::move(was_forgotten))) {}
RedisPresence::~RedisPresence() = default;

Task<Result<void>> RedisPresence::connected(UserId user, GatewayId gateway) {
  const std::string key = user_key(user, "p");
  std::vector<RedisCommand> commands;
  commands.push_back(
      {{"HSET", key, field_of(gateway), std::to_string(impl_->registrations.fetch_add(1) + 1)}});
  commands.push_back({{"EXPIRE", key, std::string(kEntriesLastSeconds)}});
  auto running = impl_->link.run(std::move(commands), impl_->link.deadlines().other);
  const auto replies = co_await std::move(running);
  if (!replies) co_return forward(replies);
  co_return {};
}

Task<Result<void>> RedisPresence::disconnected(UserId user, GatewayId gateway) {
  std::vector<RedisCommand> commands;
  commands.push_back({{"HDEL", user_key(user, "p"), field_of(gateway)}});
  auto running = impl_->link.run(std::move(commands), impl_->link.deadlines().other);
  const auto replies = co_await std::move(running);
  if (!replies) co_return forward(replies);
  co_return {};
}

Task<Result<void>> RedisPresence::heartbeat(GatewayId gateway) {
  const std::string life = std::to_string(gateway.incarnation);
  std::vector<RedisCommand> commands;
  commands.push_back(
      {{"SET", gateway_key(gateway.address, "l"), life, "PX", std::string(kLifeMs), "GET"}});
  auto running = impl_->link.run(std::move(commands), impl_->link.deadlines().other);
  const auto replies = co_await std::move(running);
  if (!replies) co_return forward(replies);
  const bool is_remembered = !replies->empty() && replies->front().text == life;
  const bool is_first = !impl_->has_beaten.exchange(true);
  if (!is_remembered && !is_first && impl_->was_forgotten) impl_->was_forgotten();
  co_return {};
}

Task<Result<std::vector<Presence::Location>>> RedisPresence::locate(std::vector<UserId> users) {
  std::vector<Location> locations;
  if (users.empty()) co_return locations;
  impl_->located.fetch_add(1, std::memory_order_relaxed);
  const auto remembered = impl_->lives.to_ask();
  const Addresses asked(remembered.begin(), remembered.end());
  auto asking = impl_->ask(std::move(users), asked);
  auto entries = co_await std::move(asking);
  if (!entries) co_return forward(entries);

  const Addresses unsure = impl_->unsure(*entries, asked);
  if (!unsure.empty()) {
    auto asking_again = impl_->ask({}, unsure);
    const auto answered = co_await std::move(asking_again);
    if (!answered) co_return forward(answered);
  }
  std::vector<Entry> gone;
  for (Entry& entry : *entries) {
    const auto verdict = impl_->lives.judge(entry.gateway);
    if (verdict == GatewayLives::Verdict::Lives) {
      locations.push_back({entry.user, std::move(entry.gateway)});
    } else if (verdict == GatewayLives::Verdict::Gone && gone.size() < kStrikesMax &&
               unsure.contains(entry.gateway.address)) {
      gone.push_back(std::move(entry));
    }
  }
  auto striking = impl_->strike_out_all(std::move(gone));
  co_await std::move(striking);
  co_return locations;
}

RedisPresence::Stats RedisPresence::stats() const {
  return {.located = impl_->located.load(std::memory_order_relaxed),
          .round_trips = impl_->round_trips.load(std::memory_order_relaxed),
          .struck_out = impl_->struck_out.load(std::memory_order_relaxed)};
}

}  // namespace tidings
