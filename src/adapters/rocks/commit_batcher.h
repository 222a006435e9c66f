#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/rocks/changes.h"
#include "adapters/rocks/histogram.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings::rocks {

// One write, as the batcher sees it: what it reads and what it changes. Also names the type of its
// answer, `Answer`, and holds it as `answer` (unless that type is void).
class WriteOperation {
 public:
  virtual ~WriteOperation() = default;
  // Reads what it must know and then writes; alone with the store, on the batcher's thread. When it
  // fails it has written nothing.
  virtual Result<void> apply(Changes& changes) = 0;
  // About how much memory it holds while it waits.
  virtual std::size_t bytes() const { return 256; }
};

struct BatcherStatistics {
  std::size_t queue_depth = 0;
  std::size_t queue_bytes = 0;
  std::uint64_t commits = 0;
  std::uint64_t operations = 0;
  std::uint64_t refused = 0;        // for want of room, space or health
  Histogram::Snapshot batch_sizes;  // operations in a commit
  Histogram::Snapshot commit_us;    // writing and syncing
};

// The only writer of the store. Everything that arrives while a commit runs is committed together:
// one batch, one fsync. Operations see each other's effects in the order in which they arrived, so
// that reading before writing is exact.
//
// Safe from any thread; each caller resumes on its own loop. Bounded: it refuses at once when too
// much waits, when the database would stall, or when the disk is nearly full. After a failed write
// or fsync it acknowledges nothing any more, for ever: what an fsync that failed left on the disk
// is not known, and a second one that succeeds proves nothing. A disk that was full is the one
// exception: what the database holds in memory is then laid down in new files before it goes on.
class CommitBatcher {
 public:
  explicit CommitBatcher(Database& database);
  ~CommitBatcher();  // commits what waits
  CommitBatcher(const CommitBatcher&) = delete;
  CommitBatcher& operator=(const CommitBatcher&) = delete;

  // Commits `operation` and returns its answer, when the log is synced.
  //
  // Errors: Unavailable   refused, or the outcome is not known within the deadline
  //         those of the operation's apply()
  template <class Operation>
  Task<Result<typename Operation::Answer>> run(Operation operation) {
    Ticket ticket{operation};
    submit(ticket);
    Result<void> outcome = co_await ticket;
    if (!outcome) co_return forward(std::move(outcome));
    if constexpr (std::is_void_v<typename Operation::Answer>) {
      co_return Result<void>{};
    } else {
      co_return std::move(operation.answer);
    }
  }

  // Nothing, or why writes are refused.
  Result<void> healthy() const;
  BatcherStatistics statistics() const;

 private:
  // A write that waits, in the frame of the coroutine that awaits it.
  struct Ticket {
    explicit Ticket(WriteOperation& operation) : operation(operation) {}

    bool await_ready() const noexcept { return state.load(std::memory_order_acquire) == kSet; }
    bool await_suspend(std::coroutine_handle<> coroutine) noexcept {
      loop = Loop::current();
      waiter = coroutine;
      int expected = kEmpty;
      return state.compare_exchange_strong(expected, kAwaited, std::memory_order_acq_rel);
    }
    Result<void> await_resume() { return std::move(outcome); }

    enum : int { kEmpty, kAwaited, kSet };
    WriteOperation& operation;
    Instant since;
    Result<void> outcome;
    std::atomic<int> state{kEmpty};
    Loop* loop = nullptr;
    std::coroutine_handle<> waiter;
  };
  class Wakes;
  enum class State { Open, DiskFull, Failed };

  void submit(Ticket& ticket);
  void commit_loop();
  std::vector<Ticket*> take();
  void commit(std::vector<Ticket*> tickets);
  Result<void> write(rocksdb::WriteBatch& batch);
  Result<void> stop_acknowledging(const rocksdb::Status& status);

  void watch_loop();
  void fail_overdue(Instant now);
  void check_disk();
  void check_background();

  Database& database_;
  const RocksOptions options_;
  Changes changes_;  // the batcher thread's

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable watch_;
  bool idle_ = false;
  State state_ = State::Open;
  bool closing_ = false;
  std::string reason_;
  std::vector<Ticket*> queue_;
  std::size_t queue_bytes_ = 0;
  std::vector<Ticket*> in_flight_;  // their operations are not used any more
  std::optional<Instant> commit_began_;
  std::uint64_t refused_ = 0;

  Histogram batch_sizes_;
  Histogram commit_us_;

  std::thread committer_;
  std::thread watcher_;
};

}  // namespace tidings::rocks
