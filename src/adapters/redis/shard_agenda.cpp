#include "adapters/redis/shard_agenda.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "adapters/redis/sort_few.h"

namespace tidings {
namespace {

constexpr int kTooLateToBeLazy = 3;
constexpr milliseconds kLazyMax{64};

// How long a shard is left to others after one came too late so many times in a row.
milliseconds lazy_for(int too_late) {
  if (too_late < kTooLateToBeLazy) return milliseconds(0);
  return std::min(kLazyMax, milliseconds(1 << std::min(too_late - kTooLateToBeLazy, 8)));
}

}  // namespace

ShardAgenda::ShardAgenda(std::size_t shards, const Clock& clock) : clock_(clock), shards_(shards) {}

void ShardAgenda::begin_at(std::size_t shard) {
  const std::lock_guard lock(mutex_);
  first_ = shard;
}

std::vector<ShardAgenda::Look> ShardAgenda::take_due() {
  std::vector<Look> due;
  const Instant now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  first_ = (first_ + 1) % shards_.size();
  for (std::size_t step = 0; step < shards_.size(); ++step) {
    const std::size_t number = (first_ + step) % shards_.size();
    Shard& shard = shards_[number];
    if (shard.when > now) continue;
    due.push_back({.shard = number,
                   .when = std::exchange(shard.when, Instant::max()),
                   .known = shard.known,
                   .was_called = std::exchange(shard.called, false)});
  }
  sort_few(due, &Look::when);
  return due;
}

void ShardAgenda::give_back(Look look) {
  const Instant latest = clock_.monotonic() + kLookEvery;
  const std::lock_guard lock(mutex_);
  Shard& shard = shards_[look.shard];
  look_at(shard, std::min(look.when, latest), look.known && look.when <= latest);
}

void ShardAgenda::came_in_time(std::size_t shard) {
  const std::lock_guard lock(mutex_);
  shards_[shard].too_late = 0;
  shards_[shard].lazy_until = Instant::min();
}

void ShardAgenda::came_too_late(std::size_t number) {
  const Instant now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  Shard& shard = shards_[number];
  shard.lazy_until = now + lazy_for(++shard.too_late);
}

void ShardAgenda::expect(std::size_t shard, Instant due) {
  const std::lock_guard lock(mutex_);
  if (due >= shards_[shard].when) return;
  look_at(shards_[shard], due, true);
  post_one();
}

void ShardAgenda::wake(std::size_t number) {
  const std::lock_guard lock(mutex_);
  if (closed_ || number >= shards_.size()) return;
  Shard& shard = shards_[number];
  shard.called = true;
  look_at(shard, std::max(clock_.monotonic(), shard.lazy_until), false);
  post_one();
}

void ShardAgenda::look_at(Shard& shard, Instant when, bool known) {
  if (when >= shard.when) return;
  shard.when = when;
  shard.known = known;
}

void ShardAgenda::wake_next() {
  const std::lock_guard lock(mutex_);
  post_one();
}

// Prefers a waiter whose loop the caller runs, which costs no wake-up of another thread.
void ShardAgenda::post_one() {
  if (waiters_.empty()) return;
  auto chosen = std::ranges::find(waiters_, Loop::current(), &Waiter::loop);
  if (chosen == waiters_.end()) chosen = waiters_.begin();
  Waiter* const waiter = *chosen;
  waiters_.erase(chosen);
  waiter->loop->post(waiter->coroutine);
}

// When a moment of `clock` comes, on the clock of loops.
Instant ShardAgenda::on_loops(Instant when) const {
  const Instant now = std::chrono::steady_clock::now();
  if (when == Instant::max()) return when;
  if (when == Instant::min()) return now;
  return now + (when - clock_.monotonic());
}

// Puts the waiter on the list and sets its alarm under one lock: whatever is said of a shard was
// said before, and is seen here, or finds the waiter.
struct ShardAgenda::Listed {
  ShardAgenda& agenda;
  Waiter& waiter;
  Instant until;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) const {
    const std::lock_guard lock(agenda.mutex_);
    const Instant first = std::ranges::min(agenda.shards_, {}, &Shard::when).when;
    waiter.until = std::min(until, agenda.on_loops(first));
    waiter.coroutine = coroutine;
    waiter.loop->post_at(waiter.until, coroutine);
    agenda.waiters_.push_back(&waiter);
  }
  void await_resume() const noexcept {}
};

// False when it was woken, and therefore posted, by another.
bool ShardAgenda::remove(const Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  return std::erase(waiters_, &waiter) > 0;
}

Task<void> ShardAgenda::wait(Instant until) {
  Waiter waiter{Loop::current(), until, {}};
  co_await Listed{*this, waiter, until};
  const bool posted = !remove(waiter);
  const bool rang = !waiter.loop->cancel(waiter.until, waiter.coroutine);
  if (posted && rang) co_await std::suspend_always();  // one of the two is still to come
}

void ShardAgenda::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace tidings
