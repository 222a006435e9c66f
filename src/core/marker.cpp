#include "core/marker.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "base/log.h"
#include "base/sharded.h"
#include "base/task_group.h"

namespace tidings {
namespace {

constexpr std::size_t kFailedMax = 1'000'000;
constexpr std::size_t kUnderWayMax = 4'096;
constexpr std::size_t kHealLanes = 32;
constexpr int kMissesToSkip = 5;
constexpr milliseconds kSkipFor = seconds(1);
// Three generations of 60 s: an entry is kept for 120 to 180 s, and needs no time of its own.
constexpr std::size_t kGenerations = 3;
constexpr milliseconds kGenerationLife = seconds(60);

using GroupSet = std::unordered_set<GroupId>;

struct alignas(64) Shard {
  std::mutex mutex;
  GroupSet failed;
  std::array<GroupSet, kGenerations> recent;  // the newest first
  Instant turned;                             // when the newest generation began

  std::size_t recent_size() const {
    std::size_t size = 0;
    for (const GroupSet& generation : recent) size += generation.size();
    return size;
  }
  void turn(Instant now) {
    while (now - turned >= kGenerationLife) {
      std::ranges::rotate(recent, recent.end() - 1);
      recent.front().clear();
      turned += kGenerationLife;
      if (recent_size() == 0) turned = now;
    }
  }
};

}  // namespace

struct Marker::Impl {
  Sharded<Shard> shards;
  GroupQueue& queue;
  const Clock& clock;
  const std::size_t recent_max;
  std::atomic<bool> overflow{false};

  std::atomic<int> misses{0};
  std::atomic<Instant> skip_until{Instant::min()};

  // A mark enters before it looks at `stopping`, and `stop` waits for `under_way` after it has set
  // that, so no task is spawned behind the join.
  std::atomic<std::size_t> under_way{0};
  std::atomic<bool> stopping{false};
  TaskGroup tasks{"core.marker"};

  Impl(GroupQueue& queue_in, const Clock& clock_in, std::size_t recent_max_in)
      : queue(queue_in), clock(clock_in), recent_max(recent_max_in) {
    for (Shard& shard : shards) shard.turned = clock.monotonic();
  }

  bool skipping() const { return clock.monotonic() < skip_until.load(std::memory_order_relaxed); }

  void remember_failed(GroupId group) {
    Shard& shard = shards.of(group);
    const std::lock_guard lock(shard.mutex);
    if (shard.failed.size() >= kFailedMax / Sharded<Shard>::kCount) {
      if (!shard.failed.contains(group)) overflow = true;
      return;
    }
    shard.failed.insert(group);
  }

  void remember_recent(GroupId group) {
    Shard& shard = shards.of(group);
    const Instant now = clock.monotonic();
    const std::lock_guard lock(shard.mutex);
    shard.turn(now);
    if (!shard.recent.front().insert(group).second) return;
    std::size_t older = 0;
    for (auto generation = shard.recent.begin() + 1; generation != shard.recent.end();
         ++generation) {
      older += generation->erase(group);
    }
    if (older == 0 &&
        shard.recent_size() > std::max<std::size_t>(1, recent_max / Sharded<Shard>::kCount)) {
      shard.recent.front().erase(group);
      overflow = true;
    }
  }

  Task<void> mark(GroupId group) {
    auto marking = queue.mark(group);
    const auto marked = co_await std::move(marking);
    if (marked) {
      if (misses.load(std::memory_order_relaxed) != 0) misses = 0;
      co_return;
    }
    remember_failed(group);
    if (misses.fetch_add(1) + 1 < kMissesToSkip) co_return;
    misses = 0;
    skip_until = clock.monotonic() + kSkipFor;
    log_warn("marker.skips_queue", {{"for_ms", kSkipFor.count()}});
  }

  Task<void> mark_and_leave(GroupId group) {
    co_await mark(group);
    leave();
  }

  bool enter() {
    if (under_way.fetch_add(1) < kUnderWayMax && !stopping.load()) return true;
    leave();
    return false;
  }
  void leave() { under_way.fetch_sub(1); }

  struct Batch {
    std::vector<GroupId> groups;
    std::size_t next = 0;
  };
  Task<void> heal_lane(Batch& batch) {
    while (batch.next < batch.groups.size()) {
      const GroupId group = batch.groups[batch.next++];
      if (skipping() || stopping.load()) {
        remember_failed(group);
      } else {
        co_await mark(group);
      }
    }
  }
  Task<void> mark_all(std::vector<GroupId> groups) {
    Batch batch{std::move(groups)};
    TaskGroup lanes("core.marker.heal");
    for (std::size_t lane = 0; lane < std::min(kHealLanes, batch.groups.size()); ++lane) {
      lanes.spawn(heal_lane(batch));
    }
    co_await lanes.join();
  }
};

Marker::Marker(GroupQueue& queue, const Clock& clock, std::size_t recent_max)
    : impl_(std::make_unique<Impl>(queue, clock, recent_max)) {}

Marker::~Marker() { ensure(impl_->under_way.load() == 0, "a marker is stopped before it ends"); }

void Marker::changed(GroupId group) {
  if (impl_->recent_max > 0) impl_->remember_recent(group);
  if (impl_->skipping() || !impl_->enter()) {
    impl_->remember_failed(group);
    return;
  }
  impl_->tasks.spawn(impl_->mark_and_leave(group));
}

Task<void> Marker::heal() {
  if (impl_->skipping()) co_return;
  std::vector<GroupId> failed;
  for (Shard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    failed.insert(failed.end(), shard.failed.begin(), shard.failed.end());
    shard.failed.clear();
  }
  if (failed.empty()) co_return;
  log_info("marker.heals", {{"groups", failed.size()}});
  co_await impl_->mark_all(std::move(failed));
}

Task<void> Marker::queue_was_lost() {
  std::vector<GroupId> recent;
  const Instant now = impl_->clock.monotonic();
  for (Shard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    shard.turn(now);
    for (const GroupSet& generation : shard.recent) {
      recent.insert(recent.end(), generation.begin(), generation.end());
    }
  }
  log_warn("marker.marks_again", {{"groups", recent.size()}});
  co_await impl_->mark_all(std::move(recent));
}

bool Marker::take_overflow() {
  return impl_->overflow.load(std::memory_order_relaxed) && impl_->overflow.exchange(false);
}

Marker::Stats Marker::stats() const {
  Stats stats{.skipping = impl_->skipping()};
  for (Shard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    stats.failed += shard.failed.size();
    stats.recent += shard.recent_size();
  }
  return stats;
}

Task<void> Marker::stop() {
  impl_->stopping = true;
  while (impl_->under_way.load() > 0) {
    co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(1));
  }
  co_await impl_->tasks.join();
}

}  // namespace tidings
