#include "adapters/memory/memory_group_queue.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <coroutine>
#include <mutex>
#include <queue>
#include <unordered_map>
#include <utility>

#include "base/loop.h"

namespace tidings {
namespace {

constexpr std::size_t kShards = 16;
constexpr milliseconds kLease = seconds(4);
constexpr std::uint32_t kLeasesMax = 3;
constexpr milliseconds kSweepEvery = seconds(1);

struct Entry {
  Instant claimed_at = Instant::min();
  Instant rested_at = Instant::min();
  Instant due;  // while it waits
  Instant leased_until;
  std::uint64_t token = 0;            // 0: not leased
  std::uint32_t attempt = 0;          // of the lease
  std::uint32_t waiting_attempt = 0;  // of the lease to come; 0: does not wait
};

// Means nothing when its group does not wait any more or has become due sooner.
struct Waiting {
  Instant due;
  GroupId group;
  bool operator>(const Waiting& other) const { return due > other.due; }
};

struct alignas(64) Shard {
  // When the first waiting group is due. Read without the lock, so that a claimer passes by shards
  // that have nothing for it.
  std::atomic<Instant> first_due{Instant::max()};

  std::mutex mutex;
  std::unordered_map<GroupId, Entry> entries;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting;
  std::size_t leased = 0;
  Instant swept_at = Instant::min();

  void publish() {
    first_due.store(waiting.empty() ? Instant::max() : waiting.top().due,
                    std::memory_order_seq_cst);
  }
  static bool is_idle(const Entry& entry, Instant now) {
    return entry.waiting_attempt == 0 && entry.token == 0 && now >= entry.rested_at;
  }
  // Lets a group that waits be claimed from `due` on.
  void wait_until(Instant due, GroupId group, Entry& entry) {
    entry.due = due;
    waiting.push({due, group});
    publish();
  }
  void sweep(Instant now) {
    swept_at = now;
    std::erase_if(entries, [now](const auto& item) { return is_idle(item.second, now); });
  }
};

// A claimer that waits, in its own coroutine frame. Whoever takes it off the list posts it.
struct Waiter {
  Loop* loop;
  Instant until;  // on the loop's clock
  std::coroutine_handle<> coroutine;
};

}  // namespace

struct MemoryGroupQueue::Impl {
  std::array<Shard, kShards> shards;
  const Clock& clock;
  std::atomic<std::uint64_t> last_token{0};

  // How many wait; a mark looks here first and usually needs no more.
  std::atomic<std::size_t> waiters_count{0};
  std::mutex waiters_mutex;  // guards what follows
  std::vector<Waiter*> waiters;

  explicit Impl(const Clock& clock_in) : clock(clock_in) {}

  Shard& shard_of(GroupId group) { return shards[std::hash<GroupId>()(group) % kShards]; }

  // --- The groups ---

  void mark(GroupId group) {
    Shard& shard = shard_of(group);
    const Instant now = clock.monotonic();
    Instant due = now;
    {
      const std::lock_guard lock(shard.mutex);
      if (now - kSweepEvery >= shard.swept_at) shard.sweep(now);
      Entry& entry = shard.entries[group];
      if (entry.waiting_attempt != 0) return;
      entry.waiting_attempt = 1;
      due = std::max(now, entry.rested_at);
      shard.wait_until(due, group, entry);
    }
    wake_for(due, now);
  }

  void ack(const Claim& claim, milliseconds rest) {
    Shard& shard = shard_of(claim.group);
    const Instant now = clock.monotonic();
    Instant due = now;
    {
      const std::lock_guard lock(shard.mutex);
      const auto found = shard.entries.find(claim.group);
      if (found == shard.entries.end() || found->second.token != claim.token) return;
      Entry& entry = found->second;
      entry.token = 0;
      --shard.leased;
      entry.rested_at = entry.claimed_at + std::min(rest, GroupQueue::kRestMax);
      due = std::max(now, entry.rested_at);
      const bool waits_longer = entry.waiting_attempt != 0 && entry.due > due;
      if (Shard::is_idle(entry, now)) shard.entries.erase(found);
      if (!waits_longer) return;
      shard.wait_until(due, claim.group, entry);
    }
    wake_for(due, now);
  }

  std::vector<Claim> take(std::size_t limit) {
    std::vector<Claim> claims;
    const Instant now = clock.monotonic();
    while (claims.size() < limit) {
      Shard& shard = *std::ranges::min_element(shards, {}, [](const Shard& candidate) {
        return candidate.first_due.load(std::memory_order_seq_cst);
      });
      if (shard.first_due.load() > now) break;
      const std::lock_guard lock(shard.mutex);
      if (shard.waiting.empty() || shard.waiting.top().due > now) continue;
      const Waiting first = shard.waiting.top();
      shard.waiting.pop();
      shard.publish();
      const auto found = shard.entries.find(first.group);
      if (found == shard.entries.end()) continue;
      Entry& entry = found->second;
      if (entry.waiting_attempt == 0 || entry.due != first.due) continue;
      if (entry.token == 0) ++shard.leased;
      entry.token = last_token.fetch_add(1, std::memory_order_relaxed) + 1;
      entry.claimed_at = now;
      entry.rested_at = now + GroupQueue::kRestMax;
      entry.leased_until = now + kLease;
      entry.attempt = std::exchange(entry.waiting_attempt, 0);
      claims.push_back({first.group, entry.token, entry.attempt, entry.leased_until});
    }
    return claims;
  }

  Instant first_due() const {
    Instant first = Instant::max();
    for (const Shard& shard : shards) {
      first = std::min(first, shard.first_due.load(std::memory_order_seq_cst));
    }
    return first;
  }
  bool anything_due() const { return first_due() <= clock.monotonic(); }

  void reap(Shard& shard, Instant now, std::vector<GroupId>& dropped) {
    const std::lock_guard lock(shard.mutex);
    for (auto& [group, entry] : shard.entries) {
      if (entry.token == 0 || entry.leased_until > now) continue;
      entry.token = 0;
      --shard.leased;
      if (entry.attempt >= kLeasesMax) {
        dropped.push_back(group);
      } else if (entry.waiting_attempt != 0) {
        entry.waiting_attempt = std::max(entry.waiting_attempt, entry.attempt + 1);
      } else {
        entry.waiting_attempt = entry.attempt + 1;
        shard.wait_until(now, group, entry);
      }
    }
    shard.sweep(now);
  }

  // --- Those who wait for one ---

  // When a due time on `clock` comes, on the clock of loops.
  Instant on_loops(Instant due) const {
    if (due == Instant::max()) return due;
    return std::chrono::steady_clock::now() + (due - clock.monotonic());
  }

  void wake_for(Instant due, Instant now) {
    if (waiters_count.load(std::memory_order_seq_cst) == 0) return;
    if (due <= now) {
      wake_one();
    } else {
      wake_all();  // so that each knows when to look again
    }
  }

  // Prefers a waiter whose loop the caller runs, which costs no wake-up of another thread.
  void wake_one() {
    const std::lock_guard lock(waiters_mutex);
    if (waiters.empty()) return;
    auto chosen = std::ranges::find(waiters, Loop::current(), &Waiter::loop);
    if (chosen == waiters.end()) chosen = waiters.begin();
    (*chosen)->loop->post((*chosen)->coroutine);
    waiters.erase(chosen);
    waiters_count.store(waiters.size(), std::memory_order_seq_cst);
  }

  void wake_all() {
    const std::lock_guard lock(waiters_mutex);
    for (Waiter* const waiter : waiters) waiter->loop->post(waiter->coroutine);
    waiters.clear();
    waiters_count.store(0, std::memory_order_seq_cst);
  }

  // Suspends a waiter until it is woken or its time has come, which may both happen.
  struct Listed {
    Impl& queue;
    Waiter& waiter;
    Instant seen_due;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const {
      waiter.coroutine = coroutine;
      waiter.loop->post_at(waiter.until, coroutine);
      {
        const std::lock_guard lock(queue.waiters_mutex);
        queue.waiters.push_back(&waiter);
        queue.waiters_count.store(queue.waiters.size(), std::memory_order_seq_cst);
      }
      // A mark that saw no waiter was published before this look.
      if (queue.first_due() < seen_due) queue.wake_one();
    }
    void await_resume() const noexcept {}
  };

  // False when it was woken, and therefore posted, by another.
  bool remove(const Waiter& waiter) {
    const std::lock_guard lock(waiters_mutex);
    const bool waited = std::erase(waiters, &waiter) > 0;
    waiters_count.store(waiters.size(), std::memory_order_seq_cst);
    return waited;
  }

  // Waits until a mark wakes it, something is due, or `until` has come.
  Task<void> wait(Instant until) {
    const Instant due = first_due();
    Waiter waiter{Loop::current(), std::min(until, on_loops(due)), {}};
    co_await Listed{*this, waiter, due};
    const bool posted = !remove(waiter);
    const bool rang = !waiter.loop->cancel(waiter.until, waiter.coroutine);
    if (posted && rang) co_await std::suspend_always();  // one of the two is still to come
  }
};

MemoryGroupQueue::MemoryGroupQueue(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
MemoryGroupQueue::~MemoryGroupQueue() = default;

Task<Result<void>> MemoryGroupQueue::mark(GroupId group) {
  impl_->mark(group);
  co_return {};
}

Task<Result<std::vector<Claim>>> MemoryGroupQueue::claim(std::size_t limit, milliseconds wait) {
  const Instant until = std::chrono::steady_clock::now() + wait;
  auto claims = impl_->take(limit);
  while (claims.empty() && std::chrono::steady_clock::now() < until) {
    auto waiting = impl_->wait(until);
    co_await std::move(waiting);
    claims = impl_->take(limit);
  }
  // One mark wakes one claimer. If there was more than this one could carry, it wakes the next.
  if (claims.size() == limit && impl_->waiters_count.load() > 0 && impl_->anything_due()) {
    impl_->wake_one();
  }
  co_return claims;
}

Task<Result<bool>> MemoryGroupQueue::renew(Claim claim) {
  Shard& shard = impl_->shard_of(claim.group);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(claim.group);
  if (found == shard.entries.end() || found->second.token != claim.token) co_return false;
  found->second.leased_until = impl_->clock.monotonic() + kLease;
  co_return true;
}

Task<Result<void>> MemoryGroupQueue::ack(Claim claim, milliseconds rest) {
  impl_->ack(claim, rest);
  co_return {};
}

Task<Result<std::vector<GroupId>>> MemoryGroupQueue::reap() {
  std::vector<GroupId> dropped;
  const Instant now = impl_->clock.monotonic();
  for (Shard& shard : impl_->shards) impl_->reap(shard, now, dropped);
  if (impl_->waiters_count.load() > 0 && impl_->anything_due()) impl_->wake_one();
  co_return dropped;
}

Task<Result<GroupQueue::Depth>> MemoryGroupQueue::depth() {
  Depth depth;
  for (Shard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    depth.waiting += static_cast<std::size_t>(std::ranges::count_if(
        shard.entries, [](const auto& item) { return item.second.waiting_attempt != 0; }));
    depth.leased += shard.leased;
  }
  co_return depth;
}

std::size_t MemoryGroupQueue::remembered() const {
  std::size_t count = 0;
  for (Shard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    count += shard.entries.size();
  }
  return count;
}

}  // namespace tidings
