#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/task_group.h"

namespace tidings {

namespace detail {

template <class T>
struct Together {
  std::vector<Task<Result<T>>> tasks;
  std::vector<std::optional<Result<T>>> results;
  std::atomic<std::size_t> next{0};
};

template <class T>
Task<void> run_in_turn(Together<T>& all) {
  for (;;) {
    const std::size_t mine = all.next.fetch_add(1);
    if (mine >= all.tasks.size()) co_return;
    Task<Result<T>> task = std::move(all.tasks[mine]);
    all.results[mine].emplace(co_await std::move(task));
  }
}

template <class T>
Task<void> run_into(Task<Result<T>> task, Result<T>& result) {
  result = co_await std::move(task);
}

}  // namespace detail

// Two tasks at the same time: it takes as long as the slower one. Both have ended when it returns;
// one that threw is Internal.
template <class A, class B>
Task<std::pair<Result<A>, Result<B>>> both(Task<Result<A>> first, Task<Result<B>> second) {
  Result<A> one = fail(ErrorCode::Internal);
  Result<B> other = fail(ErrorCode::Internal);
  TaskGroup group("both");
  group.spawn(detail::run_into(std::move(first), one));
  group.spawn(detail::run_into(std::move(second), other));
  auto joining = group.join();
  co_await std::move(joining);
  co_return std::pair(std::move(one), std::move(other));
}

// Runs all tasks, so many at a time, and returns their values in their order; the first error if
// there is one, when all have ended. So are many partitions of Cassandra read: its driver knows
// where each of them is.
template <class T>
Task<Result<std::vector<T>>> all_of(std::vector<Task<Result<T>>> tasks, std::size_t at_once) {
  std::vector<T> values;
  values.reserve(tasks.size());
  if (tasks.size() == 1) {
    Task<Result<T>> only = std::move(tasks.front());
    Result<T> result = co_await std::move(only);
    if (!result) co_return forward(std::move(result));
    values.push_back(std::move(*result));
    co_return values;
  }
  detail::Together<T> all;
  all.results.resize(tasks.size());
  all.tasks = std::move(tasks);
  TaskGroup group("all_of");
  const std::size_t lanes = std::min(at_once, all.tasks.size());
  for (std::size_t i = 0; i < lanes; ++i) group.spawn(detail::run_in_turn(all));
  auto joining = group.join();
  co_await std::move(joining);
  for (auto& result : all.results) {
    // A task that threw ended its lane.
    if (!result) co_return fail(ErrorCode::Internal);
    if (!*result) co_return forward(std::move(*result));
    values.push_back(std::move(**result));
  }
  co_return values;
}

}  // namespace tidings
