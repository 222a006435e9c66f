#include "adapters/redis/redis_group_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/redis/test_redis.h"

namespace tidings {
namespace {

constexpr milliseconds kRest = GroupQueue::kRestMax;

// One process of several on the same Redis.
struct Process {
  explicit Process(TestRedis& server, RedisGroupQueue::Options options = {.seed = 1},
                   RedisDeadlines deadlines = kPatient)
      : linked(server, deadlines), queue(linked.link, server.time().clock(), options) {}

  void mark(GroupId group) { ASSERT_TRUE(block_on(queue.mark(group)).has_value()); }
  std::vector<Claim> claim(std::size_t limit = 100) {
    return block_on(queue.claim(limit, milliseconds(0))).value();
  }
  bool renew(Claim held) { return block_on(queue.renew(held)).value(); }
  void ack(Claim held, milliseconds rest = kRest) {
    ASSERT_TRUE(block_on(queue.ack(held, rest)).has_value());
  }
  std::vector<GroupId> reap() { return block_on(queue.reap()).value(); }
  GroupQueue::Depth depth() { return block_on(queue.depth()).value(); }

  LinkedRedis linked;
  RedisGroupQueue queue;
};

std::vector<GroupId> some_groups(int count) {
  std::vector<GroupId> groups;
  for (int group = 0; group < count; ++group) {
    groups.push_back({Uuid::v5({}, std::to_string(group))});
  }
  return groups;
}

// Claims waiting for one on a thread of its own, and what it got.
class WaitingClaimer {
 public:
  explicit WaitingClaimer(RedisGroupQueue& queue)
      : thread_([this, &queue] { got_ = block_on(queue.claim(10, seconds(60))); }) {}
  std::vector<Claim> join() {
    thread_.join();
    return got_.value();
  }

 private:
  Result<std::vector<Claim>> got_;
  std::thread thread_;
};

template <class Condition>
void wait_until(Condition holds) {
  for (int tries = 0; tries < 3'000 && !holds(); ++tries) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  ASSERT_TRUE(holds());
}

class OnBoth : public testing::TestWithParam<RedisKind> {
 protected:
  TestRedis& redis = TestRedis::shared(GetParam());
  void advance(milliseconds by) { redis.time().advance(by); }
};
INSTANTIATE_TEST_SUITE_P(RedisGroupQueue, OnBoth,
                         testing::Values(RedisKind::Plain, RedisKind::Cluster));

// --- The same as the queue in memory, whatever is done to both ---

class TwoQueues {
 public:
  TwoQueues(TestRedis& redis, std::uint64_t seed)
      : random_(seed), redis_(redis), process_(redis), memory_(redis.time().clock()) {}

  void step() {
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
        return mark();
      case 3:
        return claim();
      case 4:
        return ack();
      case 5:
        return renew();
      case 6:
        return reap();
      default:
        return redis_.time().advance(
            milliseconds(random_() % 4 == 0 ? random_() % 4'500 : random_() % 260));
    }
  }
  void compare_depths() {
    const auto here = process_.depth();
    const auto there = block_on(memory_.depth()).value();
    ASSERT_EQ(here.waiting, there.waiting);
    ASSERT_EQ(here.leased, there.leased);
  }
  std::size_t claimed() const { return held_.size(); }

 private:
  struct Held {
    Claim here;
    Claim there;
  };

  void mark() {
    const GroupId group = groups_[random_() % groups_.size()];
    process_.mark(group);
    block_on(memory_.mark(group));
  }
  void claim() {
    auto here = process_.claim();
    auto there = block_on(memory_.claim(100, milliseconds(0))).value();
    ASSERT_EQ(here.size(), there.size());
    std::ranges::sort(here, {}, &Claim::group);
    std::ranges::sort(there, {}, &Claim::group);
    for (std::size_t index = 0; index < here.size(); ++index) {
      ASSERT_EQ(here[index].group, there[index].group);
      ASSERT_EQ(here[index].attempt, there[index].attempt);
      held_.push_back({here[index], there[index]});
    }
  }
  // Of any claim there ever was: most are not held any more.
  void ack() {
    if (held_.empty()) return;
    const Held held = recent();
    const milliseconds rest(random_() % 300);
    process_.ack(held.here, rest);
    block_on(memory_.ack(held.there, rest));
  }
  void renew() {
    if (held_.empty()) return;
    const Held held = recent();
    ASSERT_EQ(process_.renew(held.here), block_on(memory_.renew(held.there)).value());
  }
  void reap() {
    auto here = process_.reap();
    auto there = block_on(memory_.reap()).value();
    std::ranges::sort(here);
    std::ranges::sort(there);
    ASSERT_EQ(here, there);
  }
  Held recent() {
    return held_[held_.size() - 1 - random_() % std::min<std::size_t>(8, held_.size())];
  }

  std::mt19937_64 random_;
  TestRedis& redis_;
  Process process_;
  MemoryGroupQueue memory_;
  std::vector<GroupId> groups_ = some_groups(6);
  std::vector<Held> held_;
};

TEST_P(OnBoth, DoesWhatTheQueueInMemoryDoes) {
  for (const std::uint64_t seed : {20'261'126, 7, 8}) {
    SCOPED_TRACE(seed);
    redis.flush();
    TwoQueues queues(redis, seed);
    for (int step = 0; step < 500; ++step) {
      SCOPED_TRACE(step);
      queues.step();
      if (HasFatalFailure()) return;
      queues.compare_depths();
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(queues.claimed(), 40u);
  }
}

// --- Several processes ---

TEST_P(OnBoth, LetsNoTwoClaimersHoldOneGroup) {
  constexpr std::uint64_t kSeed = 20'261'126;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  Process one(redis, {.seed = 1});
  Process two(redis, {.seed = 2});
  const auto groups = some_groups(5);
  struct Held {
    Process* by;
    Claim claim;
    Instant at;
    bool acked;
  };
  std::map<GroupId, std::vector<Held>> held;
  std::map<Process*, int> claimed;
  for (int step = 0; step < 400; ++step) {
    Process& process = random() % 2 == 0 ? one : two;
    process.mark(groups[random() % groups.size()]);
    advance(milliseconds(random() % 200));
    if (random() % 50 == 0) advance(seconds(4));
    if (random() % 10 == 0) process.reap();
    const Instant now = redis.time().clock().monotonic();
    for (const Claim& claim : process.claim(1 + random() % 4)) {
      auto& holders = held[claim.group];
      if (!holders.empty() && !holders.back().acked) {
        ASSERT_GE(now - holders.back().at, kRest) << "claimed twice within its rest";
      }
      holders.push_back({&process, claim, now, false});
      ++claimed[&process];
      int holding = 0;
      for (const Held& holder : holders) holding += holder.by->renew(holder.claim) ? 1 : 0;
      ASSERT_EQ(holding, 1);
      ASSERT_TRUE(process.renew(claim));
    }
    for (auto& [group, holders] : held) {
      if (holders.empty() || random() % 3 != 0) continue;
      holders.back().by->ack(holders.back().claim, milliseconds(random() % 250));
      holders.back().acked = true;
    }
  }
  EXPECT_GT(claimed[&one], 20);
  EXPECT_GT(claimed[&two], 20);
}

TEST_P(OnBoth, WakesAClaimerOfAnotherProcessByAMark) {
  Process claimer(redis);
  Process marker(redis);
  WaitingClaimer waiting(claimer.queue);
  // It has looked everywhere and listens. Time stands still, so it will not look again by itself.
  wait_until([&] { return claimer.queue.stats().looks >= 16; });
  wait_until([&] {
    std::string listeners;
    for (int shard = 0; shard < 16; ++shard) {
      const std::string channel = "{q" + std::to_string(shard) + "}wake";
      listeners += redis.cli("pubsub shardchannels '" + channel + "'");
    }
    return std::ranges::count(listeners, 'q') == 16;
  });
  EXPECT_EQ(claimer.queue.stats().wake_ups, 0u);
  const GroupId group{Uuid::v4()};
  marker.mark(group);
  const auto claims = waiting.join();
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims.front().group, group);
  EXPECT_EQ(claimer.queue.stats().wake_ups, 1u);
  EXPECT_EQ(claimer.queue.stats().looks, 17u);
}

TEST_P(OnBoth, FindsAMarkWithoutAWakeUpWithinAQuarterOfASecond) {
  Process claimer(redis);
  Process marker(redis);
  EXPECT_TRUE(claimer.claim().empty());
  for (const GroupId group : some_groups(20)) marker.mark(group);
  advance(milliseconds(250));
  EXPECT_EQ(claimer.claim().size(), 20u);
}

TEST_P(OnBoth, WakesAWaitingClaimerWhenAGroupIsDueAgain) {
  Process process(redis);
  const GroupId group{Uuid::v4()};
  process.mark(group);
  ASSERT_EQ(process.claim().size(), 1u);
  process.mark(group);
  const auto looks = process.queue.stats().looks;
  WaitingClaimer waiting(process.queue);
  advance(milliseconds(250));
  EXPECT_EQ(waiting.join().size(), 1u);
  EXPECT_GT(process.queue.stats().looks, looks);
}

// --- Order ---

TEST_P(OnBoth, TakesInTheOrderOfDueTimesOverAllShardsWhereThereIsLittleRoom) {
  Process process(redis);
  const auto groups = some_groups(40);
  for (const GroupId group : groups) {
    process.mark(group);
    advance(milliseconds(1));
  }
  std::vector<GroupId> claimed;
  for (int claims = 0; claims < 40 && claimed.size() < groups.size(); ++claims) {
    for (const Claim& claim : process.claim(3)) claimed.push_back(claim.group);
  }
  EXPECT_EQ(claimed, groups);
}

TEST_P(OnBoth, TakesTwoGroupsOfOneShardBeforeALaterOneOfAnother) {
  Process process(redis);
  const auto groups = some_groups(300);
  // Of a hundred threes some lie like that.
  for (std::size_t first = 0; first < groups.size(); first += 3) {
    SCOPED_TRACE(first);
    for (std::size_t place = 0; place < 3; ++place) {
      process.mark(groups[first + place]);
      advance(milliseconds(2));
    }
    const auto claims = process.claim(2);
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims[0].group, groups[first]);
    EXPECT_EQ(claims[1].group, groups[first + 1]);
    ASSERT_EQ(process.claim().size(), 1u);
  }
}

TEST_P(OnBoth, LetsAGroupKeepItsPlaceWhenItIsMarkedAgain) {
  Process process(redis);
  const auto groups = some_groups(2);
  process.mark(groups[0]);
  advance(milliseconds(2));
  process.mark(groups[1]);
  advance(milliseconds(2));
  process.mark(groups[0]);
  const auto claims = process.claim(1);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims.front().group, groups[0]);
}

TEST_P(OnBoth, TakesEverythingAtOnceWhereThereIsRoom) {
  Process process(redis);
  for (const GroupId group : some_groups(200)) process.mark(group);
  const auto before = process.queue.stats().looks;
  EXPECT_EQ(process.claim(1'000).size(), 200u);
  EXPECT_LE(process.queue.stats().looks - before, 16u);
}

TEST_P(OnBoth, NeverTakesMoreThanTheLimit) {
  Process process(redis);
  for (const GroupId group : some_groups(200)) process.mark(group);
  std::size_t claimed = 0;
  for (const std::size_t limit : {1, 2, 15, 16, 17, 40}) {
    const auto claims = process.claim(limit);
    EXPECT_LE(claims.size(), limit);
    EXPECT_GT(claims.size(), 0u);
    claimed += claims.size();
  }
  EXPECT_EQ(process.depth().waiting, 200 - claimed);
}

// --- What is left behind ---

TEST_P(OnBoth, KeepsNothingOfGroupsThatAreIdle) {
  Process process(redis);
  for (const GroupId group : some_groups(50)) process.mark(group);
  for (const Claim& claim : process.claim()) process.ack(claim);
  advance(milliseconds(250));
  EXPECT_TRUE(process.claim().empty());
  EXPECT_EQ(redis.keys(), std::vector<std::string>{});
}

TEST_P(OnBoth, ForgetsEverythingThatNobodyTouchedForAnHour) {
  Process process(redis);
  const auto groups = some_groups(50);
  for (const GroupId group : groups) process.mark(group);
  ASSERT_EQ(process.claim().size(), 50u);
  advance(milliseconds(4'001));
  process.reap();
  for (const Claim& claim : process.claim(10)) process.mark(claim.group);
  for (const std::string& key : redis.keys()) {
    EXPECT_TRUE(key.starts_with("{q")) << key;
    EXPECT_EQ(redis.cli("-c ttl '" + key + "'").find("-1"), std::string::npos) << key;
  }
  EXPECT_GT(redis.keys().size(), 0u);
  advance(std::chrono::hours(1));
  advance(milliseconds(1));
  EXPECT_EQ(process.depth().waiting, 0u);
  EXPECT_EQ(process.depth().leased, 0u);
}

TEST_P(OnBoth, PutsThousandsOfLapsedClaimsBack) {
  Process process(redis);
  const auto groups = some_groups(4'000);
  for (const GroupId group : groups) process.mark(group);
  while (process.depth().waiting > 0) process.claim(1'000);
  EXPECT_EQ(process.depth().leased, 4'000u);
  advance(milliseconds(4'001));
  EXPECT_TRUE(process.reap().empty());
  EXPECT_EQ(process.depth().waiting, 4'000u);
  EXPECT_EQ(process.depth().leased, 0u);
}

// --- A clock that is set back ---

class SetBack : public OnBoth {
 protected:
  void set_back() { redis.time().step(-seconds(300)); }

  Process process{redis};
  const GroupId group{Uuid::v4()};
};
INSTANTIATE_TEST_SUITE_P(RedisGroupQueue, SetBack,
                         testing::Values(RedisKind::Plain, RedisKind::Cluster));

TEST_P(SetBack, LetsAGroupThatWaitsBeClaimedOnceItIsMarkedAgain) {
  process.mark(group);
  set_back();
  process.mark(group);
  EXPECT_EQ(process.claim().size(), 1u);
}

TEST_P(SetBack, LetsAGroupThatWaitsBeClaimedAfterAReap) {
  process.mark(group);
  set_back();
  process.reap();
  advance(kRest);
  EXPECT_EQ(process.claim().size(), 1u);
}

TEST_P(SetBack, LetsThousandsThatWaitBeClaimedAfterOneReap) {
  for (const GroupId each : some_groups(4'000)) process.mark(each);
  set_back();
  process.reap();
  advance(kRest);
  while (!process.claim(1'000).empty()) {
  }
  EXPECT_EQ(process.depth().waiting, 0u);
}

TEST_P(SetBack, LetsAGroupRestNoLongerThatIsMarkedWhileInWork) {
  process.mark(group);
  const Claim held = process.claim().at(0);
  set_back();
  process.mark(group);
  advance(kRest);
  EXPECT_EQ(process.claim().size(), 1u);
  EXPECT_FALSE(process.renew(held));
}

TEST_P(SetBack, LetsAGroupRestNoLongerThatWasMarkedInWorkAndIsAcked) {
  process.mark(group);
  const Claim held = process.claim().at(0);
  process.mark(group);
  set_back();
  process.ack(held);
  advance(kRest);
  EXPECT_EQ(process.claim().size(), 1u);
}

TEST_P(SetBack, LetsAGroupRestNoLongerThatIsMarkedAfterItsAck) {
  process.mark(group);
  const Claim held = process.claim().at(0);
  set_back();
  process.ack(held);
  process.mark(group);
  EXPECT_EQ(process.claim().size(), 0u);
  advance(kRest);
  EXPECT_EQ(process.claim().size(), 1u);
}

TEST_P(SetBack, LetsTheLeaseOfADeadWorkerLapse) {
  process.mark(group);
  ASSERT_EQ(process.claim().size(), 1u);
  set_back();
  process.reap();
  EXPECT_EQ(process.depth().leased, 1u);
  advance(milliseconds(4'001));
  process.reap();
  EXPECT_EQ(process.depth().leased, 0u);
  const auto claims = process.claim();
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims.front().attempt, 2u);
}

// --- A Redis that forgets, dies or sleeps ---

TEST_P(OnBoth, SurvivesThatTheScriptsAreForgotten) {
  Process process(redis);
  const GroupId group{Uuid::v4()};
  process.mark(group);
  redis.cli("script flush");
  const auto claims = process.claim();
  ASSERT_EQ(claims.size(), 1u);
  redis.cli("script flush");
  EXPECT_TRUE(process.renew(claims.front()));
  redis.cli("script flush");
  process.ack(claims.front());
  redis.cli("script flush");
  EXPECT_TRUE(process.reap().empty());
  redis.cli("script flush");
  process.mark(group);
  EXPECT_EQ(process.depth().waiting, 1u);
}

TEST(RedisGroupQueue, IsEmptyAfterARestartAndWorksOn) {
  TestRedis redis(RedisKind::Plain);
  Process process(redis);
  const GroupId group{Uuid::v4()};
  process.mark(group);
  const Claim lost = process.claim().front();
  process.mark(group);
  redis.node().kill();
  EXPECT_FALSE(block_on(process.queue.mark(group)).has_value());
  redis.node().start();
  wait_until([&] {
    redis.time().advance(seconds(1));  // for the circuit breaker
    return block_on(process.queue.depth()).has_value();
  });
  EXPECT_EQ(process.depth().waiting, 0u);
  EXPECT_FALSE(process.renew(lost));
  process.ack(lost);
  process.mark(group);
  ASSERT_EQ(process.claim().size(), 1u);
  EXPECT_FALSE(process.renew(lost));
}

TEST(RedisGroupQueue, AnswersInTimeWhileRedisIsPausedAndHealsAfterwards) {
  TestRedis redis(RedisKind::Plain);
  Process process(redis, {.seed = 1}, RedisDeadlines{});
  const GroupId group{Uuid::v4()};
  wait_until([&] { return block_on(process.queue.mark(group)).has_value(); });
  redis.node().pause();
  for (int miss = 0; miss < CircuitBreaker::kMissesMax; ++miss) {
    EXPECT_FALSE(process.linked.link.is_left_alone());
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(block_on(process.queue.mark(group)).error().code, ErrorCode::Unavailable);
    // Not a measurement: it separates "gave up" from "waited for Redis".
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  }
  EXPECT_TRUE(process.linked.link.is_left_alone());
  EXPECT_EQ(block_on(process.queue.claim(10, milliseconds(0))).error().code,
            ErrorCode::Unavailable);
  EXPECT_EQ(block_on(process.queue.reap()).error().code, ErrorCode::Unavailable);
  redis.node().resume();
  wait_until([&] {
    redis.time().advance(seconds(1));
    return block_on(process.queue.mark(group)).has_value();
  });
  EXPECT_FALSE(process.linked.link.is_left_alone());
  EXPECT_EQ(process.claim().size(), 1u);
}

TEST(RedisGroupQueue, ClaimsWhatOtherMastersHoldWhileOneIsGone) {
  TestRedis redis(RedisKind::Cluster);
  Process process(redis, {.seed = 1}, {.send = seconds(1), .other = seconds(1)});
  redis.cli("config set cluster-require-full-coverage no");
  const auto groups = some_groups(60);
  for (const GroupId group : groups) process.mark(group);
  redis.node(1).pause();
  std::size_t claimed = 0;
  wait_until([&] {
    redis.time().advance(milliseconds(1'250));
    const auto claims = block_on(process.queue.claim(100, milliseconds(0)));
    if (claims) claimed += claims->size();
    return claimed > 0;
  });
  EXPECT_LT(claimed, 60u);
  redis.node(1).resume();
  wait_until([&] {
    redis.time().advance(milliseconds(1'250));
    const auto claims = block_on(process.queue.claim(100, milliseconds(0)));
    if (claims) claimed += claims->size();
    return claimed >= 60;
  });
}

}  // namespace
}  // namespace tidings
