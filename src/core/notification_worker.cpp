#include "core/notification_worker.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/completion.h"
#include "base/log.h"
#include "base/task_group.h"

namespace tidings {
namespace {

constexpr milliseconds kUpkeepEvery = seconds(1);
constexpr milliseconds kRenewWhenOlderThan = seconds(1);
constexpr milliseconds kRenewFor = seconds(30);
constexpr milliseconds kLease = seconds(4);
constexpr std::size_t kLocateMax = 1'000;

// How long a group rests after so many were told, so that one group costs at most 400 tellings a
// second whatever its size: two people hear of each other at once, a hundred every 250 ms.
constexpr milliseconds rest_after(std::size_t told) {
  constexpr std::size_t kToldASecondMax = 400;
  return std::min(GroupQueue::kRestMax, milliseconds(1'000 * told / kToldASecondMax));
}

struct Work {
  Claim claim;
  Instant begun;
};

// The users of one gateway.
struct Call {
  GatewayId gateway;
  std::vector<UserId> users;
};

std::vector<Call> by_gateway(std::vector<Presence::Location> locations) {
  std::vector<Call> calls;
  for (Presence::Location& location : locations) {
    auto call = std::ranges::find(calls, location.gateway, &Call::gateway);
    if (call == calls.end()) {
      call = calls.insert(calls.end(), Call{std::move(location.gateway), {}});
    }
    call->users.push_back(location.user);
  }
  return calls;
}

}  // namespace

struct NotificationWorker::Impl {
  GroupQueue& queue;
  Directory& directory;
  Presence& presence;
  Gateways& gateways;
  const Clock& clock;
  const Limits limits;

  std::atomic<bool> stopping{false};
  TaskGroup tasks{"core.notification_worker"};
  // By token. The loop's thread only.
  std::unordered_map<std::uint64_t, Work> in_work{};
  Completion<bool>* waits_for_room = nullptr;

  std::atomic<std::uint64_t> claimed{0};
  std::atomic<std::uint64_t> calls_answered{0};
  std::atomic<std::uint64_t> users_told{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> given_up{0};

  enum class What : std::uint8_t { Changed, Recheck };

  Task<void> work(Claim claim) {
    auto telling = tell(claim.group, What::Changed);
    const auto told = co_await std::move(telling);
    if (told) {
      auto acking = queue.ack(claim, rest_after(*told));
      co_await std::move(acking);
    } else {
      // Left in flight: its lease lapses and the reaper gives it to whoever claims next.
      failed.fetch_add(1, std::memory_order_relaxed);
    }
    in_work.erase(claim.token);
    if (waits_for_room != nullptr) std::exchange(waits_for_room, nullptr)->set(true);
  }

  // Tells those concerned who are connected: returns how many of them there were, counted at each
  // gateway. Whether members of this group are told of anything was asked before it was marked.
  // Errors: Unavailable, when somebody was not told
  Task<Result<std::size_t>> tell(GroupId id, What what) {
    auto listing = directory.concerned(id);
    const auto members = co_await std::move(listing);
    if (!members) co_return forward(members);
    std::vector<UserId> users;
    users.reserve(std::min((*members)->size(), kLocateMax));
    for (const Member& member : **members) {
      if (users.size() < kLocateMax) users.push_back(member.user);
    }
    auto locating = presence.locate(std::move(users));
    auto locations = co_await std::move(locating);
    if (!locations) co_return forward(locations);
    const std::size_t told = locations->size();
    auto calling = call_all(id, what, by_gateway(std::move(*locations)));
    const auto answered = co_await std::move(calling);
    if (!answered) co_return forward(answered);
    co_return told;
  }

  Task<Result<void>> call_all(GroupId group, What what, std::vector<Call> calls) {
    if (calls.empty()) co_return {};
    if (calls.size() == 1) {
      auto calling = call_one(group, what, std::move(calls.front()));
      co_return co_await std::move(calling);
    }
    Result<void> all;
    TaskGroup under_way("core.notification_worker.calls");
    for (Call& call : calls) {
      under_way.spawn(call_into(group, what, std::move(call), all));
    }
    co_await under_way.join();
    co_return all;
  }

  Task<void> call_into(GroupId group, What what, Call call, Result<void>& all) {
    auto calling = call_one(group, what, std::move(call));
    auto answered = co_await std::move(calling);
    if (!answered) all = std::move(answered);
  }

  Task<Result<void>> call_one(GroupId group, What what, Call call) {
    const std::size_t users = call.users.size();
    auto calling = what == What::Changed
                       ? gateways.changed(std::move(call.gateway), group, std::move(call.users))
                       : gateways.recheck(std::move(call.gateway), std::move(call.users));
    auto answered = co_await std::move(calling);
    if (answered) {
      calls_answered.fetch_add(1, std::memory_order_relaxed);
      users_told.fetch_add(users, std::memory_order_relaxed);
    }
    co_return answered;
  }

  Task<void> give_up(GroupId group) {
    given_up.fetch_add(1, std::memory_order_relaxed);
    auto telling = tell(group, What::Recheck);
    const auto told = co_await std::move(telling);
    if (told) co_return;
    // Nobody can be reached, so it waits for three leases more.
    auto marking = queue.mark(group);
    co_await std::move(marking);
  }

  // Renewing and reaping, each second.
  Task<void> upkeep(NotificationWorker& worker) {
    Instant next = std::chrono::steady_clock::now() + kUpkeepEvery;
    while (!stopping.load()) {
      const Instant now = std::chrono::steady_clock::now();
      if (now < next) {
        co_await sleep_until(std::min(next, now + limits.claim_wait));
        continue;
      }
      next = now + kUpkeepEvery;
      auto renewing = worker.renew_claims();
      co_await std::move(renewing);
      auto reaping = worker.reap();
      co_await std::move(reaping);
    }
  }
};

NotificationWorker::NotificationWorker(GroupQueue& queue, Directory& directory, Presence& presence,
                                       Gateways& gateways, const Clock& clock)
    : NotificationWorker(queue, directory, presence, gateways, clock, Limits{}) {}

NotificationWorker::NotificationWorker(GroupQueue& queue, Directory& directory, Presence& presence,
                                       Gateways& gateways, const Clock& clock, Limits limits)
    : impl_(new Impl{.queue = queue,
                     .directory = directory,
                     .presence = presence,
                     .gateways = gateways,
                     .clock = clock,
                     .limits = limits}) {}

NotificationWorker::~NotificationWorker() = default;

Task<void> NotificationWorker::run() {
  impl_->tasks.spawn(impl_->upkeep(*this));
  bool answers = true;
  while (!impl_->stopping.load()) {
    auto claiming = claim_once(impl_->limits.claim_wait);
    const auto claimed = co_await std::move(claiming);
    if (claimed.has_value() != answers) {
      answers = claimed.has_value();
      log_event(answers ? LogLevel::Info : LogLevel::Warn,
                answers ? "notifications.queue_answers" : "notifications.queue_is_gone");
    }
    if (!claimed) co_await sleep_until(std::chrono::steady_clock::now() + impl_->limits.claim_wait);
  }
  co_await impl_->tasks.join();
}

void NotificationWorker::request_stop() { impl_->stopping = true; }

Task<Result<std::size_t>> NotificationWorker::claim_once(milliseconds wait) {
  while (impl_->in_work.size() >= impl_->limits.groups_at_once) {
    Completion<bool> room;
    impl_->waits_for_room = &room;
    co_await room;
  }
  const std::size_t room = impl_->limits.groups_at_once - impl_->in_work.size();
  auto claiming = impl_->queue.claim(room, wait);
  const auto claims = co_await std::move(claiming);
  if (!claims) co_return forward(claims);
  impl_->claimed.fetch_add(claims->size(), std::memory_order_relaxed);
  const Instant now = impl_->clock.monotonic();
  for (const Claim& claim : *claims) impl_->in_work.emplace(claim.token, Work{claim, now});
  for (const Claim& claim : *claims) impl_->tasks.spawn(impl_->work(claim));
  co_return claims->size();
}

Task<void> NotificationWorker::renew_claims() {
  const Instant now = impl_->clock.monotonic();
  std::vector<Claim> old;
  for (const auto& [token, work] : impl_->in_work) {
    const bool is_old = work.claim.leased_until - now < kLease - kRenewWhenOlderThan;
    if (is_old && now - work.begun < kRenewFor) old.push_back(work.claim);
  }
  for (const Claim& claim : old) {
    if (!impl_->in_work.contains(claim.token)) continue;
    auto renewing = impl_->queue.renew(claim);
    const auto renewed = co_await std::move(renewing);
    const auto work = impl_->in_work.find(claim.token);
    if (work != impl_->in_work.end() && renewed.has_value() && *renewed) {
      work->second.claim.leased_until = impl_->clock.monotonic() + kLease;
    }
  }
}

Task<void> NotificationWorker::reap() {
  auto reaping = impl_->queue.reap();
  const auto dropped = co_await std::move(reaping);
  if (!dropped || dropped->empty()) co_return;
  log_warn("notifications.gave_up", {{"groups", dropped->size()}});
  for (const GroupId group : *dropped) {
    auto giving_up = impl_->give_up(group);
    co_await std::move(giving_up);
  }
}

NotificationWorker::Stats NotificationWorker::stats() const {
  return {.claimed = impl_->claimed.load(std::memory_order_relaxed),
          .calls = impl_->calls_answered.load(std::memory_order_relaxed),
          .users_told = impl_->users_told.load(std::memory_order_relaxed),
          .failed = impl_->failed.load(std::memory_order_relaxed),
          .given_up = impl_->given_up.load(std::memory_order_relaxed)};
}

}  // namespace tidings
