#include "adapters/redis/redis_throttle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/memory/memory_throttle.h"
#include "adapters/redis/test_redis.h"

namespace tidings {
namespace {

constexpr ThrottlePolicy kSend{"send", 10, seconds(10)};
constexpr ThrottlePolicy kRead{"read", 300, seconds(10)};

// Two workers on one Redis, each with a throttle of its own for when it is gone.
struct Workers {
  explicit Workers(TestRedis& server, RedisDeadlines deadlines = kPatient)
      : linked(server, deadlines) {}

  TestRedis& redis() { return linked.redis; }
  Result<Allowance> take(Throttle& throttle, std::uint32_t cost = 1) {
    return block_on(throttle.take(alice, kSend, cost));
  }
  Result<Allowance> take_send(Throttle& throttle, MessageId id, std::string text = "one") {
    Content content;
    content.text = std::move(text);
    return block_on(throttle.take_send(alice, kSend, kRead, 1, {id, content}));
  }
  MessageId fresh_id() { return MessageId::mint(linked.redis.time().clock().now(), alice); }

  LinkedRedis linked;
  MemoryThrottle memory_one{linked.redis.time().clock()};
  MemoryThrottle memory_two{linked.redis.time().clock()};
  RedisThrottle one{linked.link, memory_one};
  RedisThrottle two{linked.link, memory_two};
  const UserId alice{Uuid::v4()};
};

TEST(RedisThrottle, CountsForAllWorkersTogether) {
  Workers it(TestRedis::shared(RedisKind::Cluster));
  ASSERT_TRUE(it.take(it.one, 6).has_value());
  EXPECT_FALSE(it.take(it.two, 5).has_value());
  EXPECT_TRUE(it.take(it.two, 4).has_value());
  const MessageId id = it.fresh_id();
  it.redis().time().advance(seconds(10));
  ASSERT_TRUE(it.take_send(it.one, id).has_value());
  EXPECT_TRUE(it.take_send(it.two, id)->replay);
}

TEST(RedisThrottle, SaysToOtherContentThatItCameSecondUntilTheFirstIsStoredOrFailed) {
  Workers it(TestRedis::shared(RedisKind::Cluster));
  const MessageId id = it.fresh_id();
  ASSERT_TRUE(it.take_send(it.one, id, "one").has_value());
  EXPECT_TRUE(it.take_send(it.two, id, "two")->contested);
  EXPECT_FALSE(it.take_send(it.two, id, "one")->contested);
  it.redis().time().advance(milliseconds(4'900));
  EXPECT_TRUE(it.take_send(it.two, id, "two")->contested);

  // Then the second has it for itself.
  it.redis().time().advance(milliseconds(200));
  const auto second = it.take_send(it.two, id, "two");
  EXPECT_TRUE(second->replay);
  EXPECT_FALSE(second->contested);
  EXPECT_TRUE(it.take_send(it.one, id, "one")->contested);
}

TEST(RedisThrottle, GrantsNoMoreThanTheRateWhereItIsNoWholeNumberOfMicroseconds) {
  Workers it(TestRedis::shared(RedisKind::Plain));
  // One and two thirds of a microsecond each: half of them are back after half a second at most.
  constexpr ThrottlePolicy kFast{"send", 600'000, seconds(1)};
  ASSERT_TRUE(block_on(it.one.take(it.alice, kFast, 600'000)).has_value());
  it.redis().time().advance(milliseconds(500));
  EXPECT_FALSE(block_on(it.one.take(it.alice, kFast, 300'001)).has_value());
  EXPECT_TRUE(block_on(it.one.take(it.alice, kFast, 250'000)).has_value());
}

TEST(RedisThrottle, FollowsAPolicyThatWasChanged) {
  Workers it(TestRedis::shared(RedisKind::Plain));
  ASSERT_TRUE(it.take(it.one, 10).has_value());
  EXPECT_FALSE(it.take(it.one).has_value());
  EXPECT_TRUE(block_on(it.one.take(it.alice, {"send", 1'000, seconds(20)}, 100)).has_value());
}

TEST(RedisThrottle, DoesNotHoldAnybodyToASlowerPolicyThatIsNoMore) {
  Workers it(TestRedis::shared(RedisKind::Plain));
  ASSERT_TRUE(block_on(it.one.take(it.alice, {"send", 10, seconds(1'000)}, 10)).has_value());
  EXPECT_FALSE(it.take(it.one).has_value());
  it.redis().time().advance(seconds(1));
  ASSERT_FALSE(block_on(it.one.take(it.alice, {"send", 10, seconds(1'000)}, 1)).has_value());
  EXPECT_LE(it.take(it.one).error().retry_after, seconds(1));
}

TEST(RedisThrottle, LeavesNothingBehindOnceItsBucketsAreFull) {
  Workers it(TestRedis::shared(RedisKind::Plain));
  ASSERT_TRUE(it.take_send(it.one, it.fresh_id()).has_value());
  EXPECT_EQ(it.redis().keys().size(), 2u);
  it.redis().time().advance(milliseconds(1'001));
  EXPECT_EQ(it.redis().keys().size(), 1u);
  it.redis().time().advance(seconds(59));
  EXPECT_TRUE(it.redis().keys().empty());
}

TEST(RedisThrottle, SurvivesThatTheScriptsAreForgotten) {
  Workers it(TestRedis::shared(RedisKind::Cluster));
  ASSERT_TRUE(it.take(it.one, 6).has_value());
  it.redis().cli("script flush");
  EXPECT_FALSE(it.take(it.one, 5).has_value());
  EXPECT_TRUE(it.take(it.one, 4).has_value());
}

TEST(RedisThrottle, ThrottlesAloneWhileRedisIsPausedAndTogetherAfterwards) {
  TestRedis redis(RedisKind::Plain);
  Workers it(redis, RedisDeadlines{});
  ASSERT_TRUE(it.take(it.one, 10).has_value());
  redis.node().pause();
  // Five misses of at most 50 ms each; what is granted meanwhile is granted by each worker alone.
  for (std::uint32_t call = 1; call <= CircuitBreaker::kMissesMax; ++call) {
    EXPECT_FALSE(it.linked.link.is_left_alone());
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(it.take(it.one)->remaining, 10 - call);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  }
  EXPECT_TRUE(it.linked.link.is_left_alone());
  EXPECT_EQ(it.take(it.one)->remaining, 4u);
  EXPECT_EQ(it.take(it.two)->remaining, 9u);
  EXPECT_FALSE(it.take(it.one, 5).has_value());

  redis.node().resume();
  EXPECT_EQ(it.take(it.two)->remaining, 8u);  // nobody has noticed yet
  redis.time().advance(seconds(1));
  for (int tries = 0; tries < 100 && it.linked.link.is_left_alone(); ++tries) {
    it.take(it.two, 0);
    redis.time().advance(seconds(1));
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_FALSE(it.linked.link.is_left_alone());
  redis.time().advance(seconds(10));
  ASSERT_TRUE(it.take(it.one, 10).has_value());
  EXPECT_FALSE(it.take(it.two).has_value());
}

TEST(RedisThrottle, ThrottlesAloneWhereRedisIsFull) {
  TestRedis redis(RedisKind::Plain);
  Workers it(redis);
  redis.cli("config set maxmemory 1");
  EXPECT_TRUE(it.take(it.one, 10).has_value());
  EXPECT_FALSE(it.take(it.one).has_value());
  EXPECT_TRUE(it.take(it.two, 10).has_value());
  // It answers, so it is not left alone.
  EXPECT_FALSE(it.linked.link.is_left_alone());
}

}  // namespace
}  // namespace tidings
