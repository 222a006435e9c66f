#include "adapters/redis/circuit_breaker.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace tidings {
namespace {

struct Breaker {
  ManualClock clock;
  CircuitBreaker breaker{clock};

  void miss(int times) {
    for (int miss = 0; miss < times; ++miss) {
      ASSERT_TRUE(breaker.may_try());
      breaker.report(false);
    }
  }
};

TEST(CircuitBreaker, OpensAfterFiveMissesInARow) {
  Breaker it;
  it.miss(4);
  ASSERT_TRUE(it.breaker.may_try());
  it.breaker.report(true);
  it.miss(4);
  EXPECT_FALSE(it.breaker.is_open());
  it.miss(1);
  EXPECT_TRUE(it.breaker.is_open());
  EXPECT_FALSE(it.breaker.may_try());
  it.clock.advance(milliseconds(999));
  EXPECT_FALSE(it.breaker.may_try());
}

TEST(CircuitBreaker, TriesOneCallAfterASecondAndClosesWhenItIsAnswered) {
  Breaker it;
  it.miss(5);
  it.clock.advance(seconds(1));
  EXPECT_TRUE(it.breaker.may_try());
  EXPECT_FALSE(it.breaker.may_try());
  EXPECT_TRUE(it.breaker.report(true));
  EXPECT_FALSE(it.breaker.is_open());
  EXPECT_TRUE(it.breaker.may_try());
  EXPECT_TRUE(it.breaker.may_try());
}

TEST(CircuitBreaker, WaitsForAnotherSecondWhenTheTrialFails) {
  Breaker it;
  it.miss(5);
  it.clock.advance(seconds(1));
  ASSERT_TRUE(it.breaker.may_try());
  EXPECT_FALSE(it.breaker.report(false));
  EXPECT_FALSE(it.breaker.may_try());
  it.clock.advance(seconds(1));
  EXPECT_TRUE(it.breaker.may_try());
}

}  // namespace
}  // namespace tidings
