#include "net/asio_loop.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "base/completion.h"
#include "base/task_group.h"
#include "net/loop_threads.h"

namespace tidings {
namespace {

using std::chrono::steady_clock;

Task<int> fail_on_purpose() {
  throw std::runtime_error("broken");
  co_return 0;
}

TEST(AsioLoop, HandsBackWhatItsTaskReturnsOrThrows) {
  static constexpr auto kAnswer = []() -> Task<int> { co_return 42; };
  AsioLoop loop;
  EXPECT_EQ(loop.run(kAnswer()), 42);
  EXPECT_THROW(loop.run(fail_on_purpose()), std::runtime_error);
  EXPECT_EQ(loop.run(kAnswer()), 42) << "a loop can be run again";
}

Task<void> note_after(milliseconds delay, int what, std::vector<int>& noted) {
  co_await sleep_until(steady_clock::now() + delay);
  noted.push_back(what);
}
Task<void> note_three(std::vector<int>& noted) {
  TaskGroup group("test");
  group.spawn(note_after(milliseconds(9), 3, noted));
  group.spawn(note_after(milliseconds(1), 1, noted));
  group.spawn(note_after(milliseconds(5), 2, noted));
  co_await group.join();
}

TEST(AsioLoop, WakesSleepersInTheOrderOfTheirTimes) {
  AsioLoop loop;
  std::vector<int> noted;
  loop.run(note_three(noted));
  EXPECT_EQ(noted, (std::vector{1, 2, 3}));
}

Task<std::thread::id> hop(Loop& away, Loop& home) {
  co_await resume_on(away);
  const auto id = std::this_thread::get_id();
  co_await resume_on(home);
  co_return id;
}
Task<int> hop_often(Loop& away, Loop& home, int times) {
  int strange = 0;
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < times; ++i) {
    const auto there = co_await hop(away, home);
    if (there == here || std::this_thread::get_id() != here) ++strange;
  }
  co_return strange;
}

TEST(AsioLoop, ResumesACoroutineOnTheThreadOfTheLoopItWasPostedTo) {
  LoopThreads threads(1);
  AsioLoop home;
  EXPECT_EQ(home.run(hop_often(*threads.loops()[0], home, 1'000)), 0);
}

Task<int> take_all(std::vector<Completion<int>>& values) {
  int sum = 0;
  for (auto& value : values) {
    sum += co_await value;
  }
  co_return sum;
}

TEST(AsioLoop, LosesNoneOfThePostsOfSeveralThreads) {
  AsioLoop loop;
  std::vector<Completion<int>> values(10'000);
  std::vector<std::thread> setters;
  for (std::size_t first = 0; first < 4; ++first) {
    setters.emplace_back([&values, first] {
      for (std::size_t i = first; i < values.size(); i += 4) values[i].set(1);
    });
  }
  EXPECT_EQ(loop.run(take_all(values)), 10'000);
  for (auto& setter : setters) setter.join();
}

struct WokenBeforeItsTimer {
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
Task<bool> take_back_a_timer() {
  const Instant later = std::chrono::steady_clock::now() + milliseconds(20);
  std::coroutine_handle<> self;
  co_await WokenBeforeItsTimer{later, self};
  const bool taken_back = Loop::current()->cancel(later, self);
  co_await sleep_until(later + milliseconds(5));
  co_return taken_back;
}

TEST(AsioLoop, DoesNotRingATimerThatWasTakenBack) {
  AsioLoop loop;
  EXPECT_TRUE(loop.run(take_back_a_timer()));
}

TEST(LoopThreads, EndEvenWhenTheyAreStoppedAtOnce) {
  for (int i = 0; i < 50; ++i) {
    LoopThreads threads(2);
  }
}

}  // namespace
}  // namespace tidings
