#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/rocks/database.h"
#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings::rocks {

// What a read came to; nothing when what it needs is not in memory.
template <class T>
using Attempt = std::optional<Result<T>>;

// How a read that met `status` ends.
template <class T>
Attempt<T> give_up(const rocksdb::Status& status) {
  if (status.IsIncomplete()) return std::nullopt;
  return fail_with(status, "reading");
}

struct ReaderStatistics {
  std::uint64_t from_memory = 0;
  std::uint64_t from_disk = 0;
  std::uint64_t refused = 0;
  std::size_t queue_depth = 0;
};

// Reads without making a loop wait for the disk: first on the calling thread from what is in
// memory; when that is not enough, from the beginning on one of a few threads of its own.
//
// Safe from any thread; the caller resumes on its own loop. Bounded: Unavailable when too many
// wait, or when one has waited 2 s.
class Reader {
 public:
  explicit Reader(Database& database);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // `query(tier)` returns an Attempt<T>; it is called once or twice.
  template <class T, class Query>
  Task<Result<T>> read(Query query) {
    Attempt<T> attempt = query(ReadTier::Memory);
    if (attempt) {
      from_memory_.fetch_add(1, std::memory_order_relaxed);
      co_return std::move(*attempt);
    }
    DiskRead<T, Query> read(query);
    if (!submit(read)) co_return fail(ErrorCode::Unavailable, "Too many reads wait for the disk.");
    co_return co_await read.done;
  }

  ReaderStatistics statistics() const;

 private:
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run() = 0;
    virtual void refuse() = 0;
    Instant since;
  };

  template <class T, class Query>
  class DiskRead final : public Job {
   public:
    explicit DiskRead(Query& query) : query_(query) {}
    void run() override {
      auto attempt = query_(ReadTier::Disk);
      done.set(attempt ? std::move(*attempt) : fail(ErrorCode::Internal, "A read found no end."));
    }
    void refuse() override { done.set(fail(ErrorCode::Unavailable, "The disk did not answer.")); }
    Completion<Result<T>> done;

   private:
    Query& query_;
  };

  bool submit(Job& job);
  void work();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job*> queue_;
  bool closing_ = false;
  std::atomic<std::uint64_t> from_memory_{0};
  std::atomic<std::uint64_t> from_disk_{0};
  std::uint64_t refused_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace tidings::rocks
