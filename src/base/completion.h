#pragma once

#include <atomic>
#include <coroutine>
#include <optional>
#include <utility>

#include "base/loop.h"

namespace tidings {

// One value, set once by any thread and awaited once by one coroutine, which resumes on the loop on
// which it waited (inside `set` when it had none).
//
// It lives in the frame of the coroutine that awaits it. Whoever was given a pointer to it must
// call `set` exactly once, and must not touch it afterwards: a deadline is kept by the setter, not
// by walking away.
template <class T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void set(T value) {
    value_.emplace(std::move(value));
    if (state_.exchange(kSet, std::memory_order_acq_rel) == kAwaited) {
      // The frame may be gone as soon as it is posted.
      Loop* const loop = loop_;
      const std::coroutine_handle<> waiter = waiter_;
      if (loop != nullptr) {
        loop->post(waiter);
      } else {
        waiter.resume();
      }
    }
  }

  auto operator co_await() noexcept {
    struct Awaiter {
      Completion& self;
      bool await_ready() const noexcept {
        return self.state_.load(std::memory_order_acquire) == kSet;
      }
      bool await_suspend(std::coroutine_handle<> coroutine) const noexcept {
        self.loop_ = Loop::current();
        self.waiter_ = coroutine;
        int expected = kEmpty;
        return self.state_.compare_exchange_strong(expected, kAwaited, std::memory_order_acq_rel);
      }
      T await_resume() const { return std::move(*self.value_); }
    };
    return Awaiter{*this};
  }

 private:
  enum : int { kEmpty, kAwaited, kSet };
  std::atomic<int> state_{kEmpty};
  Loop* loop_ = nullptr;
  std::coroutine_handle<> waiter_;
  std::optional<T> value_;
};

}  // namespace tidings
