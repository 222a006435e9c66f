#include "adapters/rocks/commit_batcher.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>

#include "base/log.h"

namespace tidings::rocks {
namespace {

constexpr milliseconds kWatchEvery{200};
constexpr milliseconds kStallPause{2};

std::unexpected<Error> refuse(std::string detail) {
  return std::unexpected(Error{ErrorCode::Unavailable, std::move(detail), {}, seconds(1)});
}

Instant now() { return std::chrono::steady_clock::now(); }

// Resumes many coroutines of one loop for the price of one post.
struct Wake {
  struct promise_type {
    Wake get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Wake wake_all(std::vector<std::coroutine_handle<>> waiters) {
  for (const auto waiter : waiters) waiter.resume();
  co_return;
}

}  // namespace

// Gathers who is to be told what, and tells them all at the end.
class CommitBatcher::Wakes {
 public:
  // The ticket must not be touched afterwards.
  void add(Ticket& ticket, Result<void> outcome) {
    ticket.outcome = std::move(outcome);
    if (ticket.state.exchange(Ticket::kSet, std::memory_order_acq_rel) != Ticket::kAwaited) return;
    for (auto& [loop, waiters] : loops_) {
      if (loop == ticket.loop) {
        waiters.push_back(ticket.waiter);
        return;
      }
    }
    loops_.push_back({ticket.loop, {ticket.waiter}});
  }

  ~Wakes() {
    for (auto& [loop, waiters] : loops_) {
      const auto wake = wake_all(std::move(waiters)).handle;
      loop != nullptr ? loop->post(wake) : wake.resume();
    }
  }

 private:
  std::vector<std::pair<Loop*, std::vector<std::coroutine_handle<>>>> loops_;
};

CommitBatcher::CommitBatcher(Database& database)
    : database_(database), options_(database.options()), changes_(database) {
  committer_ = std::thread([this] { commit_loop(); });
  ::pthread_setname_np(committer_.native_handle(), "store-commit");
  watcher_ = std::thread([this] { watch_loop(); });
  ::pthread_setname_np(watcher_.native_handle(), "store-watch");
}

CommitBatcher::~CommitBatcher() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_one();
  watch_.notify_one();
  committer_.join();
  watcher_.join();
}

void CommitBatcher::submit(Ticket& ticket) {
  Result<void> refusal;
  {
    const std::lock_guard lock(mutex_);
    const auto bytes = ticket.operation.bytes();
    if (state_ != State::Open) {
      refusal = refuse(reason_);
    } else if (closing_) {
      refusal = refuse("The store is closing.");
    } else if (queue_.size() >= options_.write_queue_max ||
               queue_bytes_ + bytes > options_.write_queue_bytes_max) {
      refusal = refuse("Too many writes wait for the disk.");
    } else if (database_.stalled()) {
      refusal = refuse("The store is laying down what was written.");
    } else {
      ticket.since = now();
      queue_.push_back(&ticket);
      queue_bytes_ += bytes;
      if (idle_) work_.notify_one();
      return;
    }
    ++refused_;
  }
  Wakes().add(ticket, std::move(refusal));
}

void CommitBatcher::commit_loop() {
  while (true) {
    auto tickets = take();
    if (tickets.empty()) return;
    commit(std::move(tickets));
  }
}

// What waits, as soon as anything does; nothing when the batcher closes.
std::vector<CommitBatcher::Ticket*> CommitBatcher::take() {
  std::unique_lock lock(mutex_);
  idle_ = true;
  work_.wait(lock, [this] { return !queue_.empty() || closing_; });
  idle_ = false;
  std::vector<Ticket*> taken;
  if (queue_.size() <= options_.commit_max) {
    taken.swap(queue_);
    queue_.reserve(taken.size());
    queue_bytes_ = 0;
    return taken;
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(options_.commit_max);
  taken.assign(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  for (const Ticket* ticket : taken) queue_bytes_ -= ticket->operation.bytes();
  return taken;
}

void CommitBatcher::commit(std::vector<Ticket*> tickets) {
  changes_.clear();
  Wakes wakes;
  std::erase_if(tickets, [&](Ticket* ticket) {
    auto applied = ticket->operation.apply(changes_);
    if (applied) return false;
    wakes.add(*ticket, std::move(applied));
    return true;
  });
  batch_sizes_.record(tickets.size());
  Result<void> outcome;
  if (!changes_.empty()) {
    auto& batch = changes_.batch();
    const auto began = now();
    {
      const std::lock_guard lock(mutex_);
      in_flight_ = std::move(tickets);
      commit_began_ = began;
    }
    outcome = write(batch);
    if (!outcome) changes_.failed();
    {
      const std::lock_guard lock(mutex_);
      tickets = std::move(in_flight_);
      in_flight_.clear();
      commit_began_.reset();
    }
    commit_us_.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now() - began).count()));
  }
  for (Ticket* ticket : tickets) wakes.add(*ticket, outcome);
}

Result<void> CommitBatcher::write(rocksdb::WriteBatch& batch) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::Open) return refuse(reason_);
  }
  rocksdb::WriteOptions write;
  write.sync = options_.durability == Durability::Fsync || changes_.must_sync();
  write.no_slowdown = true;  // a stall is ours to handle: with a deadline
  const auto deadline = now() + options_.write_deadline;
  while (true) {
    const auto status = database_.db().Write(write, &batch);
    if (status.ok()) return {};
    if (!status.IsIncomplete()) return stop_acknowledging(status);
    if (now() > deadline) return refuse("The store is laying down what was written.");
    std::this_thread::sleep_for(kStallPause);
  }
}

Result<void> CommitBatcher::stop_acknowledging(const rocksdb::Status& status) {
  const std::lock_guard lock(mutex_);
  const bool full = status.IsNoSpace();
  if (state_ == State::Open || (state_ == State::DiskFull && !full)) {
    state_ = full ? State::DiskFull : State::Failed;
    reason_ = full ? "The disk is full."
                   : "A write to the disk failed, so nothing more is accepted until the program is "
                     "started again.";
    log_error("store.writes_stopped", {{"error", status.ToString()}});
  }
  return refuse(reason_);
}

void CommitBatcher::watch_loop() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    lock.unlock();
    fail_overdue(now());
    check_background();
    check_disk();
    lock.lock();
    if (!closing_) watch_.wait_for(lock, kWatchEvery);
  }
}

// A disk that hangs must not hang those who wait: they are told that the outcome is unknown.
void CommitBatcher::fail_overdue(Instant now) {
  std::vector<Ticket*> overdue;
  {
    const std::lock_guard lock(mutex_);
    if (!commit_began_ || now - *commit_began_ < options_.write_deadline) return;
    overdue.swap(in_flight_);
    std::erase_if(queue_, [&](Ticket* ticket) {
      if (now - ticket->since < options_.write_deadline) return false;
      queue_bytes_ -= ticket->operation.bytes();
      overdue.push_back(ticket);
      return true;
    });
  }
  if (overdue.empty()) return;
  log_error("store.disk_hangs", {{"waiting", overdue.size()}});
  Wakes wakes;
  for (Ticket* ticket : overdue) wakes.add(*ticket, refuse("The disk did not answer."));
}

void CommitBatcher::check_background() {
  const auto failure = database_.background_failure();
  if (!failure) return;
  const std::lock_guard lock(mutex_);
  const bool worse = !failure->disk_full && state_ == State::DiskFull;
  if (state_ != State::Open && !worse) return;
  state_ = failure->disk_full ? State::DiskFull : State::Failed;
  reason_ = failure->disk_full ? "The disk is full."
                               : "The store can't lay down what was written; see the log.";
  log_error("store.writes_stopped", {{"error", failure->reason}});
}

void CommitBatcher::check_disk() {
  std::error_code error;
  const auto space = std::filesystem::space(options_.directory, error);
  if (error) return;
  {
    const std::lock_guard lock(mutex_);
    const bool enough = space.available >= options_.disk_reserve_bytes;
    if (state_ == State::Open && !enough) {
      state_ = State::DiskFull;
      reason_ = "The disk is full.";
      log_error("store.disk_full", {{"available_bytes", space.available}});
      return;
    }
    // Some way above the mark, so that it does not go to and fro.
    const auto comfortable = options_.disk_reserve_bytes + options_.disk_reserve_bytes / 4;
    if (state_ != State::DiskFull || space.available < comfortable) return;
    if (!in_flight_.empty() || commit_began_) return;
  }
  // Lays what is in memory down in new files; the log in which a write may have been cut off is not
  // used again. Whoever was refused was told that the outcome is unknown.
  if (auto resumed = database_.resume(); !resumed) return;
  const std::lock_guard lock(mutex_);
  if (state_ != State::DiskFull) return;
  state_ = State::Open;
  reason_.clear();
  log_info("store.disk_has_space", {{"available_bytes", space.available}});
}

Result<void> CommitBatcher::healthy() const {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Open) return refuse(reason_);
  if (commit_began_ && now() - *commit_began_ > options_.write_deadline) {
    return refuse("The disk did not answer.");
  }
  return {};
}

BatcherStatistics CommitBatcher::statistics() const {
  BatcherStatistics made;
  {
    const std::lock_guard lock(mutex_);
    made.queue_depth = queue_.size();
    made.queue_bytes = queue_bytes_;
    made.refused = refused_;
  }
  made.batch_sizes = batch_sizes_.snapshot();
  made.commit_us = commit_us_.snapshot();
  made.commits = made.batch_sizes.count;
  made.operations = made.batch_sizes.sum;
  return made;
}

}  // namespace tidings::rocks
