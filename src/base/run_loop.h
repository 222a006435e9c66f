#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <type_traits>

#include "base/loop.h"
#include "base/task.h"

namespace tidings {

// A loop on the calling thread, for programs without a server and for tests: `run` returns when the
// task does.
class RunLoop final : public Loop {
 public:
  void post(std::coroutine_handle<> coroutine) override;
  void post_at(Instant when, std::coroutine_handle<> coroutine) override;
  bool cancel(Instant when, std::coroutine_handle<> coroutine) override;

  template <class T>
  T run(Task<T> task) {
    std::optional<Outcome<T>> outcome;
    Runner runner = drive(std::move(task), outcome);
    const Entered entered(*this);
    runner.handle.resume();
    while (!outcome) {
      run_one();
    }
    if (outcome->exception) std::rethrow_exception(outcome->exception);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome->value);
  }

 private:
  struct Nothing {};
  template <class T>
  struct Outcome {
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;
    std::exception_ptr exception;
  };
  struct Runner {
    struct promise_type {
      Runner get_return_object() noexcept {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
  };

  template <class T>
  static Runner drive(Task<T> task, std::optional<Outcome<T>>& outcome) {
    Outcome<T> made;
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
      } else {
        made.value.emplace(co_await std::move(task));
      }
    } catch (...) {
      made.exception = std::current_exception();
    }
    outcome.emplace(std::move(made));
  }

  // Resumes one posted coroutine, waiting for one if there is none.
  void run_one();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::coroutine_handle<>> posted_;
  std::multimap<Instant, std::coroutine_handle<>> timers_;
};

// Runs a task to its end on a loop of its own.
template <class T>
T block_on(Task<T> task) {
  RunLoop loop;
  return loop.run(std::move(task));
}

}  // namespace tidings
