#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "base/completion.h"
#include "base/task.h"

namespace tidings {

// Owns tasks that run beside their spawner. Each starts at once on the calling thread; what it
// throws is logged with the group's name. `spawn` is safe from any thread until `join` was called.
//
// A group must be joined before it is destroyed. Long tasks watch `stop_token()`.
class TaskGroup {
 public:
  explicit TaskGroup(std::string name) : name_(std::move(name)) {}
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<void> task);
  std::size_t running() const { return running_.load(std::memory_order_relaxed) - 1; }

  std::stop_token stop_token() const { return stop_.get_token(); }
  void request_stop() { stop_.request_stop(); }

  // Waits until every task has ended. Called once.
  Task<void> join();

 private:
  struct Detached;
  Detached run(Task<void> task);
  void ended();

  std::string name_;
  std::stop_source stop_;
  std::atomic<std::size_t> running_{1};  // one for the group itself, given back by join()
  Completion<bool> all_ended_;
};

}  // namespace tidings
