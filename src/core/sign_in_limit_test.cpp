#include "core/sign_in_limit.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "base/manual_clock.h"

namespace tidings {
namespace {

void fail_once(SignInLimit& limit, std::string_view ip, std::string_view name) {
  auto attempt = limit.begin(ip, name);
  ASSERT_TRUE(attempt.has_value());
  attempt->failed();
}

TEST(SignInLimit, RefusesTheEleventhFailureOfAMinute) {
  ManualClock clock;
  SignInLimit limit(clock);
  for (int i = 0; i < 10; ++i) {
    fail_once(limit, "10.0.0.1", "alice");
    clock.advance(milliseconds(100));
  }
  const auto refused = limit.begin("10.0.0.1", "alice");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::TooManyRequests);
  EXPECT_EQ(refused.error().retry_after, milliseconds(59'000));

  clock.advance(milliseconds(58'999));
  EXPECT_FALSE(limit.begin("10.0.0.1", "alice").has_value());
  clock.advance(milliseconds(1));
  fail_once(limit, "10.0.0.1", "alice");
  EXPECT_FALSE(limit.begin("10.0.0.1", "alice").has_value());
}

TEST(SignInLimit, CountsEachAddressAndEachNameApart) {
  ManualClock clock;
  SignInLimit limit(clock);
  for (int i = 0; i < 10; ++i) fail_once(limit, "10.0.0.1", "alice");
  EXPECT_TRUE(limit.begin("10.0.0.1", "bob").has_value());
  EXPECT_TRUE(limit.begin("10.0.0.2", "alice").has_value());
  EXPECT_TRUE(limit.begin("10.0.0.1a", "lice").has_value());
}

TEST(SignInLimit, DoesNotCountSuccesses) {
  ManualClock clock;
  SignInLimit limit(clock);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limit.begin("10.0.0.1", "alice").has_value());
  }
}

TEST(SignInLimit, CountsAttemptsUnderWayAsFailures) {
  ManualClock clock;
  SignInLimit limit(clock);
  {
    std::vector<SignInLimit::Attempt> under_way;
    for (int i = 0; i < 10; ++i) {
      auto attempt = limit.begin("10.0.0.1", "alice");
      ASSERT_TRUE(attempt.has_value());
      under_way.push_back(std::move(*attempt));
    }
    EXPECT_FALSE(limit.begin("10.0.0.1", "alice").has_value());
  }
  EXPECT_TRUE(limit.begin("10.0.0.1", "alice").has_value());
}

}  // namespace
}  // namespace tidings
