#include "core/marker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/manual_clock.h"
#include "base/run_loop.h"

namespace tidings {
namespace {

// Counts marks, and fails when it is told to.
class FakeQueue final : public GroupQueue {
 public:
  Task<Result<void>> mark(GroupId group) override {
    ++calls;
    if (down) co_return fail(ErrorCode::Unavailable);
    const std::lock_guard lock(mutex_);
    marked.insert(group);
    co_return {};
  }
  Task<Result<std::vector<Claim>>> claim(std::size_t, milliseconds) override {
    co_return std::vector<Claim>{};
  }
  Task<Result<bool>> renew(Claim) override { co_return true; }
  Task<Result<void>> ack(Claim, milliseconds) override { co_return {}; }
  Task<Result<std::vector<GroupId>>> reap() override { co_return std::vector<GroupId>{}; }
  Task<Result<Depth>> depth() override { co_return Depth{}; }

  std::atomic<bool> down = false;
  std::atomic<int> calls = 0;
  std::set<GroupId> marked;

 private:
  std::mutex mutex_;
};

struct MarkerTest : testing::Test {
  ManualClock clock;
  FakeQueue queue;
  const GroupId one{Uuid::v4()};
};

TEST_F(MarkerTest, MarksAtOnce) {
  Marker marker(queue, clock);
  marker.changed(one);
  EXPECT_TRUE(queue.marked.contains(one));
  block_on(marker.stop());
}

TEST_F(MarkerTest, MarksAgainWhatFailedWhenTheQueueAnswers) {
  Marker marker(queue, clock);
  queue.down = true;
  marker.changed(one);
  marker.changed(one);
  EXPECT_EQ(marker.stats().failed, 1u);
  block_on(marker.heal());
  EXPECT_EQ(marker.stats().failed, 1u);
  queue.down = false;
  block_on(marker.heal());
  EXPECT_TRUE(queue.marked.contains(one));
  EXPECT_EQ(marker.stats().failed, 0u);
  block_on(marker.stop());
}

TEST_F(MarkerTest, LeavesTheQueueAloneForASecondAfterFiveMisses) {
  Marker marker(queue, clock);
  queue.down = true;
  for (int send = 0; send < 20; ++send) marker.changed(one);
  EXPECT_EQ(queue.calls, 5);
  EXPECT_TRUE(marker.stats().skipping);
  block_on(marker.heal());
  EXPECT_EQ(queue.calls, 5);
  clock.advance(seconds(1));
  marker.changed(one);
  EXPECT_EQ(queue.calls, 6);
  block_on(marker.stop());
}

TEST_F(MarkerTest, DoesNotCountMissesThatAreNotInARow) {
  Marker marker(queue, clock);
  for (int round = 0; round < 3; ++round) {
    queue.down = true;
    for (int send = 0; send < 4; ++send) marker.changed(one);
    queue.down = false;
    marker.changed(one);
  }
  EXPECT_EQ(queue.calls, 15);
  block_on(marker.stop());
}

TEST_F(MarkerTest, MarksTheLastTwoMinutesAgainWhenTheQueueWasLost) {
  Marker marker(queue, clock);
  const GroupId old{Uuid::v4()};
  marker.changed(old);
  clock.advance(seconds(181));
  marker.changed(one);
  clock.advance(seconds(119));
  queue.marked.clear();
  block_on(marker.queue_was_lost());
  EXPECT_EQ(queue.marked, std::set<GroupId>{one});
  block_on(marker.stop());
}

TEST_F(MarkerTest, RemembersAGroupOnceHoweverOftenItChanges) {
  Marker marker(queue, clock);
  for (int send = 0; send < 100; ++send) {
    marker.changed(one);
    clock.advance(seconds(2));
  }
  EXPECT_EQ(marker.stats().recent, 1u);
  EXPECT_FALSE(marker.take_overflow());
  block_on(marker.stop());
}

TEST_F(MarkerTest, SaysOnceThatItCouldNotRememberAll) {
  Marker marker(queue, clock, /*recent_max=*/128);
  for (int send = 0; send < 2'000; ++send) marker.changed(GroupId{Uuid::v4()});
  EXPECT_LE(marker.stats().recent, 128u);
  EXPECT_TRUE(marker.take_overflow());
  EXPECT_FALSE(marker.take_overflow());
  block_on(marker.stop());
}

TEST_F(MarkerTest, MarksNothingOnceItWasStopped) {
  Marker marker(queue, clock);
  block_on(marker.stop());
  marker.changed(one);
  EXPECT_EQ(queue.calls, 0);
}

TEST_F(MarkerTest, TakesMarksFromManyThreads) {
  Marker marker(queue, clock);
  std::vector<std::thread> senders;
  for (int thread = 0; thread < 4; ++thread) {
    senders.emplace_back([&] {
      for (int send = 0; send < 2'500; ++send) {
        queue.down = send % 100 < 3;
        marker.changed(GroupId{Uuid::v4()});
      }
    });
  }
  for (auto& sender : senders) sender.join();
  queue.down = false;
  clock.advance(seconds(1));
  block_on(marker.heal());
  EXPECT_EQ(queue.marked.size(), 10'000u);
  block_on(marker.stop());
}

}  // namespace
}  // namespace tidings
