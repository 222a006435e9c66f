#include "base/task.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "base/completion.h"
#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

Task<int> answer() { co_return 42; }
Task<int> twice() { co_return co_await answer() * 2; }
Task<int> broken() {
  throw std::runtime_error("broken");
  co_return 0;
}

TEST(Task, HandsItsValueToTheOneWhoAwaitsIt) { EXPECT_EQ(block_on(twice()), 84); }

TEST(Task, HandsItsExceptionToTheOneWhoAwaitsIt) {
  EXPECT_THROW(block_on(broken()), std::runtime_error);
}

Task<void> count_down(int& left) {
  --left;
  co_return;
}
Task<void> many(int& left) {
  while (left > 0) co_await count_down(left);
}

TEST(Task, DoesNotGrowTheStackWhenTasksEndAtOnce) {
  int left = 1'000'000;
  block_on(many(left));
  EXPECT_EQ(left, 0);
}

Task<std::thread::id> wait_for(Completion<int>& done) {
  EXPECT_EQ(co_await done, 7);
  co_return std::this_thread::get_id();
}

TEST(Completion, ResumesOnTheLoopThatWaited) {
  Completion<int> done;
  std::thread setter([&] { done.set(7); });
  EXPECT_EQ(block_on(wait_for(done)), std::this_thread::get_id());
  setter.join();
}

Task<void> sleep_ms(int ms) {
  co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(ms));
}
Task<std::size_t> spawn_and_join() {
  TaskGroup group("test");
  group.spawn(sleep_ms(2));
  group.spawn(sleep_ms(1));
  const std::size_t running = group.running();
  co_await group.join();
  co_return running;
}

TEST(TaskGroup, WaitsForEveryTask) { EXPECT_EQ(block_on(spawn_and_join()), 2u); }

// Suspends until `when`, unless it is woken by `post`; counts how often it was resumed.
struct Sleeper {
  Instant when;
  std::coroutine_handle<>& handle;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) const {
    handle = coroutine;
    Loop::current()->post_at(when, coroutine);
    Loop::current()->post(coroutine);
  }
  void await_resume() const noexcept {}
};
Task<std::pair<bool, bool>> wake_early() {
  const Instant later = std::chrono::steady_clock::now() + seconds(600);
  std::coroutine_handle<> self;
  co_await Sleeper{later, self};
  const bool taken_back = Loop::current()->cancel(later, self);
  const bool again = Loop::current()->cancel(later, self);
  co_return std::pair(taken_back, again);
}

TEST(Loop, TakesBackATimerOnce) { EXPECT_EQ(block_on(wake_early()), std::pair(true, false)); }

}  // namespace
}  // namespace tidings
