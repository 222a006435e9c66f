#include "adapters/memory/memory_throttle.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "ports/throttle_contract.h"

namespace tidings {
namespace {

class MemoryFixture final : public ThrottleFixture {
 public:
  Throttle& throttle() override { return throttle_; }
  void advance(milliseconds by) override { clock_.advance(by); }

 private:
  ManualClock clock_;
  MemoryThrottle throttle_{clock_};
};
std::unique_ptr<ThrottleFixture> make_fixture() { return std::make_unique<MemoryFixture>(); }

INSTANTIATE_TEST_SUITE_P(Memory, ThrottleContract, testing::Values(&make_fixture));

constexpr ThrottlePolicy kSend{"send", 10, seconds(10)};
constexpr ThrottlePolicy kRead{"read", 300, seconds(10)};

TEST(MemoryThrottle, ForgetsBucketsThatAreFull) {
  ManualClock clock;
  MemoryThrottle throttle(clock);
  for (int user = 0; user < 10'000; ++user) {
    block_on(throttle.take(UserId{Uuid::v4()}, kSend, 1));
  }
  EXPECT_EQ(throttle.stats().buckets, 10'000u);
  clock.advance(seconds(11));
  for (int user = 0; user < 1'000; ++user) {
    block_on(throttle.take(UserId{Uuid::v4()}, kSend, 1));
  }
  EXPECT_LE(throttle.stats().buckets, 1'100u);
}

TEST(MemoryThrottle, RemembersABoundedNumberOfSends) {
  ManualClock clock;
  MemoryThrottle throttle(clock, /*replays_max=*/6'400);
  const Content content;
  for (int send = 0; send < 50'000; ++send) {
    const UserId user{Uuid::v4()};
    const MessageId id{Uuid::v7(clock.now())};
    block_on(throttle.take_send(user, kSend, kRead, 1, {id, content}));
  }
  EXPECT_LE(throttle.stats().replays, 6'400u);
}

TEST(MemoryThrottle, FollowsAPolicyThatWasChanged) {
  ManualClock clock;
  MemoryThrottle throttle(clock);
  const UserId user{Uuid::v4()};
  ASSERT_TRUE(block_on(throttle.take(user, kSend, 10)).has_value());
  EXPECT_FALSE(block_on(throttle.take(user, {"send", 10, seconds(10)}, 1)).has_value());
  EXPECT_TRUE(block_on(throttle.take(user, {"send", 1'000, seconds(20)}, 100)).has_value());
}

}  // namespace
}  // namespace tidings
