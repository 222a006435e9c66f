#include "adapters/rocks/reader.h"

#include <pthread.h>

namespace tidings::rocks {
namespace {

constexpr milliseconds kReadDeadline = seconds(2);

}  // namespace

Reader::Reader(Database& database) : queue_max_(database.options().read_queue_max) {
  for (std::size_t i = 0; i < database.options().reader_threads; ++i) {
    auto& thread = threads_.emplace_back([this] { work(); });
    ::pthread_setname_np(thread.native_handle(), "store-read");
  }
}

Reader::~Reader() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool Reader::submit(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_ || queue_.size() >= queue_max_) {
      ++refused_;
      return false;
    }
    job.since = std::chrono::steady_clock::now();
    queue_.push_back(&job);
  }
  ready_.notify_one();
  return true;
}

void Reader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return !queue_.empty() || closing_; });
    if (queue_.empty()) return;
    Job* const job = queue_.front();
    queue_.pop_front();
    const bool overdue = std::chrono::steady_clock::now() - job->since > kReadDeadline;
    if (overdue) ++refused_;
    lock.unlock();
    if (overdue) {
      job->refuse();
    } else {
      from_disk_.fetch_add(1, std::memory_order_relaxed);
      job->run();
    }
    lock.lock();
  }
}

ReaderStatistics Reader::statistics() const {
  ReaderStatistics made;
  made.from_memory = from_memory_.load(std::memory_order_relaxed);
  made.from_disk = from_disk_.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  made.refused = refused_;
  made.queue_depth = queue_.size();
  return made;
}

}  // namespace tidings::rocks
