#pragma once

// What every GroupQueue must pass. An adapter's test includes this once and says
//   INSTANTIATE_TEST_SUITE_P(Memory, GroupQueueContract, testing::Values(&make_fixture));

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "base/run_loop.h"
#include "base/task_group.h"
#include "ports/group_queue.h"

namespace tidings {

// A queue of its own, empty, and the time it lives in.
class GroupQueueFixture {
 public:
  virtual ~GroupQueueFixture() = default;
  virtual GroupQueue& queue() = 0;
  virtual void advance(milliseconds by) = 0;
};

class GroupQueueContract : public testing::TestWithParam<std::unique_ptr<GroupQueueFixture> (*)()> {
 protected:
  void mark(GroupId group) { ASSERT_TRUE(block_on(queue.mark(group)).has_value()); }
  std::vector<Claim> claim(std::size_t limit = 100, milliseconds wait = milliseconds(0)) {
    return block_on(queue.claim(limit, wait)).value();
  }
  // The one claim there is.
  Claim claim_one() {
    const auto claims = claim();
    EXPECT_EQ(claims.size(), 1u);
    return claims.empty() ? Claim{} : claims.front();
  }
  void ack(Claim done, milliseconds rest = GroupQueue::kRestMax) {
    ASSERT_TRUE(block_on(queue.ack(done, rest)).has_value());
  }
  bool renew(Claim held) { return block_on(queue.renew(held)).value(); }
  std::vector<GroupId> reap() { return block_on(queue.reap()).value(); }
  GroupQueue::Depth depth() { return block_on(queue.depth()).value(); }
  void advance(milliseconds by) { fixture->advance(by); }

  std::unique_ptr<GroupQueueFixture> fixture = GetParam()();
  GroupQueue& queue = fixture->queue();
  const GroupId one{Uuid::v4()};
  const GroupId two{Uuid::v4()};
  const GroupId three{Uuid::v4()};
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GroupQueueContract);

TEST_P(GroupQueueContract, GivesAMarkedGroupOnce) {
  mark(one);
  EXPECT_EQ(claim_one().group, one);
  EXPECT_TRUE(claim().empty());
}

TEST_P(GroupQueueContract, HoldsAGroupAtMostOnce) {
  for (int send = 0; send < 5; ++send) mark(one);
  EXPECT_EQ(depth().waiting, 1u);
  EXPECT_EQ(claim().size(), 1u);
}

TEST_P(GroupQueueContract, MarksAgainWhatChangesDuringTheWork) {
  mark(one);
  const Claim first = claim_one();
  mark(one);
  ack(first);
  advance(milliseconds(250));
  EXPECT_EQ(claim_one().group, one);
}

TEST_P(GroupQueueContract, GivesAGroupAtMostEvery250MsUnlessItsAckAsksForLess) {
  mark(one);
  ack(claim_one());
  mark(one);
  advance(milliseconds(100));
  EXPECT_TRUE(claim().empty());
  advance(milliseconds(150));
  EXPECT_EQ(claim_one().group, one);
}

TEST_P(GroupQueueContract, RestsAsLongAsTheAckSays) {
  mark(one);
  ack(claim_one(), milliseconds(20));
  mark(one);
  advance(milliseconds(10));
  EXPECT_TRUE(claim().empty());
  advance(milliseconds(10));
  EXPECT_EQ(claim_one().group, one);
}

TEST_P(GroupQueueContract, BringsForwardWhatWasMarkedDuringTheWork) {
  mark(one);
  const Claim first = claim_one();
  mark(one);
  EXPECT_TRUE(claim().empty());
  ack(first, milliseconds(20));
  EXPECT_EQ(depth().waiting, 1u);
  advance(milliseconds(20));
  ack(claim_one(), milliseconds(20));
  // It was given once: what was due later before the ack is not.
  advance(milliseconds(500));
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(depth().waiting, 0u);
}

TEST_P(GroupQueueContract, GivesWhatIsDueFirstFirst) {
  mark(two);
  advance(milliseconds(2));
  mark(three);
  advance(milliseconds(2));
  mark(one);
  const auto first = claim(2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].group, two);
  EXPECT_EQ(first[1].group, three);
  EXPECT_EQ(claim_one().group, one);
}

TEST_P(GroupQueueContract, ForgetsWhatWasAcknowledged) {
  mark(one);
  ack(claim_one());
  advance(seconds(5));
  EXPECT_TRUE(reap().empty());
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(depth().waiting, 0u);
  EXPECT_EQ(depth().leased, 0u);
}

TEST_P(GroupQueueContract, GivesALostClaimToTheNextAfterItsLease) {
  mark(one);
  const Claim lost = claim_one();
  EXPECT_EQ(lost.attempt, 1u);
  advance(milliseconds(3'900));
  EXPECT_TRUE(reap().empty());
  EXPECT_TRUE(claim().empty());
  advance(milliseconds(101));
  EXPECT_TRUE(reap().empty());
  const Claim next = claim_one();
  EXPECT_EQ(next.group, one);
  EXPECT_EQ(next.attempt, 2u);
  EXPECT_NE(next.token, lost.token);
}

TEST_P(GroupQueueContract, KeepsAClaimThatIsRenewed) {
  mark(one);
  const Claim held = claim_one();
  advance(seconds(3));
  EXPECT_TRUE(renew(held));
  advance(seconds(3));
  EXPECT_TRUE(reap().empty());
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(depth().leased, 1u);
}

TEST_P(GroupQueueContract, TellsTheFirstHolderThatItsLeaseIsSomebodyElses) {
  mark(one);
  const Claim lost = claim_one();
  advance(milliseconds(4'001));
  reap();
  EXPECT_FALSE(renew(lost));
  const Claim next = claim_one();
  EXPECT_FALSE(renew(lost));
  ack(lost);
  EXPECT_EQ(depth().leased, 1u);
  EXPECT_TRUE(renew(next));
}

TEST_P(GroupQueueContract, DropsAGroupAfterThreeLeases) {
  mark(one);
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    EXPECT_EQ(claim_one().attempt, attempt);
    advance(milliseconds(4'001));
    const auto dropped = reap();
    EXPECT_EQ(dropped.size(), attempt == 3 ? 1u : 0u);
  }
  EXPECT_TRUE(claim().empty());
  EXPECT_TRUE(reap().empty());
  mark(one);
  EXPECT_EQ(claim_one().attempt, 1u);
}

TEST_P(GroupQueueContract, KeepsAFreshMarkOfAGroupThatItDrops) {
  mark(one);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    claim_one();
    advance(milliseconds(4'001));
    reap();
  }
  claim_one();
  mark(one);
  advance(milliseconds(4'001));
  EXPECT_EQ(reap(), std::vector{one});
  EXPECT_EQ(claim_one().attempt, 1u);
}

TEST_P(GroupQueueContract, ReturnsEmptyHandedAfterTheWait) {
  EXPECT_TRUE(claim(10, milliseconds(20)).empty());
}

inline Task<void> claim_into(GroupQueue& queue, std::vector<Claim>& claims) {
  auto claiming = queue.claim(10, seconds(30));
  auto claimed = co_await std::move(claiming);
  claims = std::move(claimed).value();
}
inline Task<void> claim_then_mark(GroupQueue& queue, GroupId group, std::vector<Claim>& claims) {
  TaskGroup claimer("contract");
  claimer.spawn(claim_into(queue, claims));
  EXPECT_TRUE(claims.empty());
  auto marking = queue.mark(group);
  co_await std::move(marking);
  co_await claimer.join();
}
TEST_P(GroupQueueContract, WakesAWaitingClaimerByAMark) {
  std::vector<Claim> claims;
  const auto begin = std::chrono::steady_clock::now();
  block_on(claim_then_mark(queue, one, claims));
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims.front().group, one);
  // Not a measurement: it separates "woken" from "waited to the end".
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(25));
}

// Every change is followed by a claim that began after it, whatever the threads do.
TEST_P(GroupQueueContract, LosesNoMarkBetweenManyThreads) {
  constexpr int kGroups = 40;
  constexpr int kChanges = 1'000;
  struct Watched {
    GroupId id{Uuid::v4()};
    std::atomic<int> changes = 0;
    std::atomic<int> told = 0;
  };
  std::vector<Watched> groups(kGroups);
  std::map<GroupId, Watched*> by_id;
  for (Watched& group : groups) by_id[group.id] = &group;
  std::atomic<bool> done = false;

  std::vector<std::thread> threads;
  for (int marker = 0; marker < 2; ++marker) {
    threads.emplace_back([&, marker] {
      for (int change = 0; change < kChanges; ++change) {
        Watched& group = groups[(change * 7 + marker) % kGroups];
        ++group.changes;
        block_on(queue.mark(group.id));
      }
    });
  }
  for (int claimer = 0; claimer < 2; ++claimer) {
    threads.emplace_back([&] {
      RunLoop loop;
      while (!done) {
        const auto claims = loop.run(queue.claim(5, milliseconds(5)));
        for (const Claim& held : *claims) {
          Watched& group = *by_id.at(held.group);
          int told = group.told;
          const int changes = group.changes;
          while (told < changes && !group.told.compare_exchange_weak(told, changes)) {
          }
          block_on(queue.ack(held, GroupQueue::kRestMax));
        }
      }
    });
  }
  const auto all_told = [&] {
    return std::ranges::all_of(
        groups, [](const Watched& group) { return group.told == 2 * kChanges / kGroups; });
  };
  for (int tries = 0; tries < 2'000 && !all_told(); ++tries) {
    advance(milliseconds(250));
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_TRUE(all_told());
  done = true;
  for (auto& thread : threads) thread.join();
}

}  // namespace tidings
