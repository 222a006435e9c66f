#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/loop.h"
#include "base/task.h"

namespace boost::asio {
class io_context;
}

namespace tidings {

// A loop that also waits for sockets: one Asio context, run by one thread.
//
// Coroutines posted while the loop is busy are resumed together, for the price of one wake-up: the
// commit thread wakes thousands a second.
class AsioLoop final : public Loop {
 public:
  AsioLoop();
  ~AsioLoop() override;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  void post(std::coroutine_handle<> coroutine) override;
  void post_at(Instant when, std::coroutine_handle<> coroutine) override;
  bool cancel(Instant when, std::coroutine_handle<> coroutine) override;

  // Makes the calling thread the loop's, until `stop`. What was posted before is resumed by it.
  void run();

  // Makes `run` return soon; safe from any thread. What is still posted waits for the next `run`.
  void stop();

  // Runs on the calling thread until the task has ended; what it throws is thrown here. Not beside
  // `run`.
  template <class T>
  T run(Task<T> task) {
    Outcome<T> outcome;
    run_to_end(drive(std::move(task), outcome));
    if (outcome.exception) std::rethrow_exception(outcome.exception);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome.value);
  }

  // For the other classes of this room.
  boost::asio::io_context& context();

 private:
  struct Impl;
  struct Nothing {};
  template <class T>
  struct Outcome {
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;
    std::exception_ptr exception;
  };

  template <class T>
  static Task<void> drive(Task<T> task, Outcome<T>& outcome) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
      } else {
        outcome.value.emplace(co_await std::move(task));
      }
    } catch (...) {
      outcome.exception = std::current_exception();
    }
  }
  void run_to_end(Task<void> task);
  Task<void> stop_after(Task<void> task);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
