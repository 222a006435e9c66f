#include "core/clock_guard.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/manual_clock.h"
#include "base/run_loop.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

// Three nodes, the median of which is ahead of the worker by as much as the test says.
class TestStoreClocks final : public StoreClocks {
 public:
  explicit TestStoreClocks(const Clock& clock) : clock_(clock) {}

  milliseconds ahead{0};
  bool is_down = false;

  Task<Result<std::vector<Time>>> read() override {
    if (is_down) co_return fail(ErrorCode::Unavailable);
    const Time median = clock_.now() + ahead;
    co_return std::vector<Time>{median + 1h, median, median - 1h};
  }

 private:
  const Clock& clock_;
};

class ClockGuardTest : public testing::Test {
 protected:
  void run_evenly(ClockGuard& guard, seconds time) {
    for (; time > 0s; time -= 1s) {
      clock.advance(1s);
      block_on(guard.check());
    }
  }

  ManualClock clock;
  TestStoreClocks store_clocks{clock};
};

TEST_F(ClockGuardTest, ASmallStepIsNone) {
  ClockGuard guard(clock, nullptr);
  clock.step(-250ms);
  EXPECT_TRUE(guard.in());
  clock.step(-1ms);
  EXPECT_FALSE(guard.in());
}

TEST_F(ClockGuardTest, AClockThatWasSetBackIsInAgainAfterTenEvenSeconds) {
  ClockGuard guard(clock, nullptr);
  clock.step(-5s);
  EXPECT_FALSE(guard.in());
  run_evenly(guard, 9s);
  EXPECT_FALSE(guard.in());
  run_evenly(guard, 1s);
  EXPECT_TRUE(guard.in());
}

TEST_F(ClockGuardTest, AStepBackwardsIsSeenByTheCheckAlone) {
  ClockGuard guard(clock, nullptr);
  clock.step(-5s);
  run_evenly(guard, 1s);
  EXPECT_FALSE(guard.in());
}

TEST_F(ClockGuardTest, AStepForwardsIsNothingWhereNoOtherClockCounts) {
  ClockGuard guard(clock, nullptr);
  clock.step(8h);  // a laptop that wakes
  EXPECT_TRUE(guard.in());
  clock.step(-1s);
  clock.step(5s);
  EXPECT_TRUE(guard.in());  // nobody looked in between
  clock.step(-1s);
  EXPECT_FALSE(guard.in());
  clock.step(5s);
  EXPECT_FALSE(guard.in());
}

TEST_F(ClockGuardTest, AClockThatIsSlewedNeverSteps) {
  ClockGuard guard(clock, nullptr);
  for (int second = 0; second < 20; ++second) {
    clock.step(-200ms);
    run_evenly(guard, 1s);
    EXPECT_TRUE(guard.in()) << second;
  }
}

TEST_F(ClockGuardTest, DiffersFromTheMedianOfTheStoreByHalfASecondAtMost) {
  ClockGuard guard(clock, &store_clocks);
  for (const milliseconds edge : {500ms, -500ms}) {
    store_clocks.ahead = edge;
    run_evenly(guard, 1s);
    EXPECT_TRUE(guard.in()) << edge.count();
    store_clocks.ahead = edge > 0ms ? edge + 1ms : edge - 1ms;
    run_evenly(guard, 1s);
    EXPECT_FALSE(guard.in()) << edge.count();
  }
}

TEST_F(ClockGuardTest, AStepEitherWayIsOutUntilTheStoreWasAsked) {
  ClockGuard guard(clock, &store_clocks);
  for (const milliseconds step : {-300ms, 300ms}) {
    clock.step(step);
    EXPECT_FALSE(guard.in());
    run_evenly(guard, 1s);
    EXPECT_TRUE(guard.in());
  }
}

TEST_F(ClockGuardTest, AStoreThatDoesNotSayItsTimeIsBelievedForHalfAMinute) {
  ClockGuard guard(clock, &store_clocks);
  run_evenly(guard, 1s);
  store_clocks.is_down = true;
  run_evenly(guard, 30s);
  EXPECT_TRUE(guard.in());
  run_evenly(guard, 1s);
  EXPECT_FALSE(guard.in());
  store_clocks.is_down = false;
  run_evenly(guard, 1s);
  EXPECT_TRUE(guard.in());
}

TEST_F(ClockGuardTest, AStepIsNotForgivenByAStoreThatDoesNotAnswer) {
  ClockGuard guard(clock, &store_clocks);
  store_clocks.is_down = true;
  clock.step(300ms);
  run_evenly(guard, 1s);
  EXPECT_FALSE(guard.in());
}

}  // namespace
}  // namespace tidings
