#include "adapters/redis/shard_agenda.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

using Look = ShardAgenda::Look;

struct Agenda {
  ManualClock clock;
  ShardAgenda agenda{4, clock};

  std::vector<std::size_t> due() {
    std::vector<std::size_t> shards;
    for (const Look& look : agenda.take_due()) shards.push_back(look.shard);
    return shards;
  }
  // Nothing waits anywhere.
  void see_all_empty() {
    for (Look look : agenda.take_due()) {
      look.when = Instant::max();
      agenda.give_back(look);
    }
  }
};

TEST(ShardAgenda, LooksAtEveryShardAtFirstAndEvery250MsAfterwards) {
  Agenda it;
  it.see_all_empty();
  EXPECT_TRUE(it.due().empty());
  it.clock.advance(milliseconds(249));
  EXPECT_TRUE(it.due().empty());
  it.clock.advance(milliseconds(1));
  EXPECT_EQ(it.due().size(), 4u);
}

TEST(ShardAgenda, NamesWhatIsDueFirstFirst) {
  Agenda it;
  it.see_all_empty();
  const Instant now = it.clock.monotonic();
  it.agenda.expect(1, now + milliseconds(20));
  it.agenda.expect(2, now + milliseconds(10));
  it.agenda.expect(3, now + milliseconds(30));
  it.clock.advance(milliseconds(25));
  EXPECT_EQ(it.due(), (std::vector<std::size_t>{2, 1}));
}

TEST(ShardAgenda, GivesAShardToOneLookAtATimeAndAgainIfItWasCalledMeanwhile) {
  Agenda it;
  it.see_all_empty();
  it.agenda.wake(1);
  auto looks = it.agenda.take_due();
  ASSERT_EQ(looks.size(), 1u);
  EXPECT_TRUE(looks.front().was_called);
  EXPECT_TRUE(it.due().empty());
  it.agenda.wake(1);
  looks.front().when = Instant::max();
  it.agenda.give_back(looks.front());
  EXPECT_EQ(it.due(), std::vector<std::size_t>{1});
}

TEST(ShardAgenda, LeavesAShardToOthersForMillisecondsWhenItComesTooLateAgainAndAgain) {
  Agenda it;
  it.see_all_empty();
  for (int late = 0; late < 20; ++late) it.agenda.came_too_late(2);
  it.agenda.wake(2);
  EXPECT_TRUE(it.due().empty());
  it.clock.advance(milliseconds(64));
  EXPECT_EQ(it.due(), std::vector<std::size_t>{2});
  it.agenda.give_back({.shard = 2, .when = Instant::max()});
  it.agenda.came_in_time(2);
  it.agenda.wake(2);
  EXPECT_EQ(it.due(), std::vector<std::size_t>{2});
}

Task<void> wait_then_note(ShardAgenda& agenda, int& woken) {
  auto waiting = agenda.wait(std::chrono::steady_clock::now() + seconds(60));
  co_await std::move(waiting);
  ++woken;
}
Task<void> next_turn() { co_await sleep_until(std::chrono::steady_clock::now()); }

Task<void> wake_one_of_two(ShardAgenda& agenda, int& woken_by_one, int& woken_by_two) {
  TaskGroup waiters("test");
  int woken = 0;
  waiters.spawn(wait_then_note(agenda, woken));
  waiters.spawn(wait_then_note(agenda, woken));
  agenda.wake(0);
  co_await next_turn();
  woken_by_one = woken;
  agenda.wake(0);
  co_await waiters.join();
  woken_by_two = woken;
}

TEST(ShardAgenda, WakesOneClaimerForOneWakeUp) {
  Agenda it;
  it.see_all_empty();
  // The clock stands still, so no alarm rings.
  int woken_by_one = 0;
  int woken_by_two = 0;
  block_on(wake_one_of_two(it.agenda, woken_by_one, woken_by_two));
  EXPECT_EQ(woken_by_one, 1);
  EXPECT_EQ(woken_by_two, 2);
}

TEST(ShardAgenda, DoesNotWaitWhereSomethingIsDueAlready) {
  Agenda it;
  int woken = 0;
  block_on(wait_then_note(it.agenda, woken));
  EXPECT_EQ(woken, 1);
}

TEST(ShardAgenda, IgnoresWakeUpsOfShardsItDoesNotKnowAndAfterItsEnd) {
  Agenda it;
  it.see_all_empty();
  it.agenda.wake(4);
  it.agenda.wake(static_cast<std::size_t>(-1));
  it.agenda.close();
  it.agenda.wake(1);
  EXPECT_TRUE(it.due().empty());
}

}  // namespace
}  // namespace tidings
