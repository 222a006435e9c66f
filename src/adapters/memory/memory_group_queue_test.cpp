#include "adapters/memory/memory_group_queue.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "ports/group_queue_contract.h"

namespace tidings {
namespace {

class MemoryFixture final : public GroupQueueFixture {
 public:
  GroupQueue& queue() override { return queue_; }
  void advance(milliseconds by) override { clock_.advance(by); }

 private:
  ManualClock clock_;
  MemoryGroupQueue queue_{clock_};
};
std::unique_ptr<GroupQueueFixture> make_fixture() { return std::make_unique<MemoryFixture>(); }

INSTANTIATE_TEST_SUITE_P(Memory, GroupQueueContract, testing::Values(&make_fixture));

TEST(MemoryGroupQueue, ForgetsGroupsThatAreIdle) {
  ManualClock clock;
  MemoryGroupQueue queue(clock);
  for (int send = 0; send < 1'000; ++send) block_on(queue.mark(GroupId{Uuid::v4()}));
  const auto claims = block_on(queue.claim(1'000, milliseconds(0)));
  for (const Claim& claim : *claims) {
    block_on(queue.ack(claim, GroupQueue::kRestMax));
  }
  clock.advance(seconds(1));
  EXPECT_TRUE(block_on(queue.reap()).value().empty());
  EXPECT_EQ(queue.remembered(), 0u);
}

TEST(MemoryGroupQueue, WakesAWaitingClaimerWhenAGroupIsDueAgain) {
  SystemClock clock;
  MemoryGroupQueue queue(clock);
  const GroupId group{Uuid::v4()};
  block_on(queue.mark(group));
  const Claim first = block_on(queue.claim(1, seconds(0))).value().front();
  block_on(queue.mark(group));
  const auto again = block_on(queue.claim(1, seconds(30))).value();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_GE(clock.monotonic(), first.leased_until - seconds(4) + milliseconds(250));
  EXPECT_LT(clock.monotonic(), first.leased_until + seconds(20));
}

}  // namespace
}  // namespace tidings
