#include "app/ip_limit.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace tidings {
namespace {

int granted(IpLimit& limit, const std::string& ip, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.take(ip).has_value() ? 1 : 0;
  return count;
}

TEST(IpLimit, GrantsTheBurstAndThenTheSteadyRate) {
  ManualClock clock;
  IpLimit limit({10, 10}, clock);
  EXPECT_EQ(granted(limit, "203.0.113.9", 30), 10);
  clock.advance(seconds(3));
  EXPECT_EQ(granted(limit, "203.0.113.9", 30), 3);
  clock.advance(seconds(3600));
  EXPECT_EQ(granted(limit, "203.0.113.9", 30), 10);
  EXPECT_EQ(limit.refused(), 67u);
}

TEST(IpLimit, SaysWhenToReturn) {
  ManualClock clock;
  IpLimit limit({10, 10}, clock);
  granted(limit, "203.0.113.9", 10);
  const auto refused = limit.take("203.0.113.9");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::TooManyRequests);
  EXPECT_EQ(refused.error().retry_after, seconds(1));
  clock.advance(refused.error().retry_after);
  EXPECT_TRUE(limit.take("203.0.113.9").has_value());
}

TEST(IpLimit, AddressesOfOneIpv6NetworkShareAndOthersDoNot) {
  ManualClock clock;
  IpLimit limit({2, 10}, clock);
  EXPECT_EQ(granted(limit, "2001:db8:0:1::5", 2), 2);
  EXPECT_FALSE(limit.take("2001:db8:0:1:ffff::9").has_value());
  EXPECT_NE(network_of("2001:db8:0:1::5"), network_of("2001:db8:0:2::5"));
  EXPECT_EQ(network_of("::ffff:203.0.113.9"), "203.0.113.9");
}

TEST(IpLimit, LoopbackIsNeverLimitedAndZeroLimitsNobody) {
  ManualClock clock;
  IpLimit limit({1, 10}, clock);
  EXPECT_EQ(granted(limit, "127.0.0.1", 100), 100);
  EXPECT_EQ(granted(limit, "::1", 100), 100);
  EXPECT_EQ(granted(limit, "::ffff:127.0.0.1", 100), 100);
  IpLimit off({0, 1}, clock);
  EXPECT_EQ(granted(off, "203.0.113.9", 100), 100);
}

}  // namespace
}  // namespace tidings
