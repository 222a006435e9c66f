#include "base/run_loop.h"

namespace tidings {

void RunLoop::post(std::coroutine_handle<> coroutine) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(coroutine);
  ready_.notify_one();
}

void RunLoop::post_at(Instant when, std::coroutine_handle<> coroutine) {
  const std::lock_guard lock(mutex_);
  timers_.emplace(when, coroutine);
  ready_.notify_one();
}

bool RunLoop::cancel(Instant when, std::coroutine_handle<> coroutine) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = timers_.equal_range(when);
  for (auto timer = begin; timer != end; ++timer) {
    if (timer->second != coroutine) continue;
    timers_.erase(timer);
    return true;
  }
  return false;
}

void RunLoop::run_one() {
  std::unique_lock lock(mutex_);
  while (posted_.empty()) {
    if (timers_.empty()) {
      ready_.wait(lock);
      continue;
    }
    const auto first = timers_.begin();
    if (first->first <= std::chrono::steady_clock::now()) {
      posted_.push_back(first->second);
      timers_.erase(first);
    } else {
      ready_.wait_until(lock, first->first);
    }
  }
  const auto coroutine = posted_.front();
  posted_.pop_front();
  lock.unlock();
  coroutine.resume();
}

}  // namespace tidings
