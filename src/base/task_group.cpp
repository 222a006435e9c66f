#include "base/task_group.h"

#include <exception>

#include "base/log.h"

namespace tidings {

struct TaskGroup::Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }  // run() catches all there is
  };
};

TaskGroup::~TaskGroup() {
  ensure(running_.load(std::memory_order_acquire) <= 1, "a task group is joined before it ends");
}

void TaskGroup::spawn(Task<void> task) {
  running_.fetch_add(1, std::memory_order_relaxed);
  run(std::move(task));
}

TaskGroup::Detached TaskGroup::run(Task<void> task) {
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    log_error("task.failed", {{"group", name_}, {"error", error.what()}});
  } catch (...) {
    log_error("task.failed", {{"group", name_}, {"error", "not an exception"}});
  }
  ended();
}

void TaskGroup::ended() {
  if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    all_ended_.set(true);
  }
}

Task<void> TaskGroup::join() {
  ended();
  co_await all_ended_;
}

}  // namespace tidings
