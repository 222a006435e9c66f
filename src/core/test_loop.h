#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "base/loop.h"

namespace tidings {

// A loop for tests that runs by a clock that they move, and resumes what is ready in an order that
// a seed decides: so that one test plays many interleavings, each again when it has to.
class TestLoop final : public Loop {
 public:
  TestLoop(const Clock& clock, std::uint32_t seed) : clock_(clock), random_(seed) {}

  void post(std::coroutine_handle<> coroutine) override { ready_.push_back(coroutine); }
  void post_at(Instant when, std::coroutine_handle<> coroutine) override {
    timers_.emplace(when, coroutine);
  }
  bool cancel(Instant when, std::coroutine_handle<> coroutine) override {
    const auto [first, last] = timers_.equal_range(when);
    const auto at =
        std::find_if(first, last, [&](const auto& timer) { return timer.second == coroutine; });
    if (at == last) return false;
    timers_.erase(at);
    return true;
  }

  // Resumes one coroutine that is ready; false when there is none.
  bool run_one() {
    while (!timers_.empty() && timers_.begin()->first <= clock_.monotonic()) {
      ready_.push_back(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    if (ready_.empty()) return false;
    std::swap(ready_[random_() % ready_.size()], ready_.back());
    const auto coroutine = ready_.back();
    ready_.pop_back();
    const Entered entered(*this);
    coroutine.resume();
    return true;
  }
  // Resumes all that is ready, and what becomes so.
  void run_ready() {
    while (run_one()) {
    }
  }
  bool is_idle() const { return ready_.empty() && timers_.empty(); }

 private:
  const Clock& clock_;
  std::mt19937 random_;
  std::vector<std::coroutine_handle<>> ready_;
  std::multimap<Instant, std::coroutine_handle<>> timers_;
};

}  // namespace tidings
