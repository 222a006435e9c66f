#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/completion.h"
#include "base/task.h"

namespace tidings::cassandra {

namespace detail {

template <class T>
struct Ended {
  std::optional<T> value;
  std::exception_ptr exception;
};

// A coroutine that nobody awaits: it tells by a Completion, which its spawner does await.
struct Started {
  struct promise_type {
    Started get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <class T>
Started start(Task<T> task, Completion<Ended<T>>& done) {
  Ended<T> ended;
  try {
    ended.value.emplace(co_await std::move(task));
  } catch (...) {
    ended.exception = std::current_exception();
  }
  done.set(std::move(ended));
}

}  // namespace detail

// Two tasks at the same time: it takes as long as the slower one. Both have ended when it returns,
// whatever they threw.
template <class A, class B>
Task<std::pair<A, B>> both(Task<A> first, Task<B> second) {
  Completion<detail::Ended<A>> first_ended;
  Completion<detail::Ended<B>> second_ended;
  detail::start(std::move(first), first_ended);
  detail::start(std::move(second), second_ended);
  auto one = co_await first_ended;
  auto other = co_await second_ended;
  if (one.exception) std::rethrow_exception(one.exception);
  if (other.exception) std::rethrow_exception(other.exception);
  co_return std::pair<A, B>(std::move(*one.value), std::move(*other.value));
}

}  // namespace tidings::cassandra
