// The suites of the ports, on one Redis server and on a cluster of three.

#include <gtest/gtest.h>

#include "adapters/redis/redis_group_queue.h"
#include "adapters/redis/redis_presence.h"
#include "adapters/redis/redis_throttle.h"
#include "adapters/redis/test_redis.h"
#include "ports/group_queue_contract.h"
#include "ports/presence_contract.h"
#include "ports/throttle_contract.h"

namespace tidings {
namespace {

// Where Redis answers, nobody asks it.
class NobodysThrottle final : public Throttle {
 public:
  Task<Result<Allowance>> take(UserId, ThrottlePolicy, std::uint32_t) override {
    co_return fail(ErrorCode::Internal, "Redis did not answer.");
  }
  Task<Result<Allowance>> take_send(UserId, ThrottlePolicy, ThrottlePolicy, std::uint32_t,
                                    SendAttempt) override {
    co_return fail(ErrorCode::Internal, "Redis did not answer.");
  }
};

template <RedisKind kind>
class ThrottleOnRedis final : public ThrottleFixture {
 public:
  Throttle& throttle() override { return throttle_; }
  void advance(milliseconds by) override { linked_.redis.time().advance(by); }

 private:
  LinkedRedis linked_{kind};
  NobodysThrottle nobody_;
  RedisThrottle throttle_{linked_.link, nobody_};
};

template <RedisKind kind>
class QueueOnRedis final : public GroupQueueFixture {
 public:
  GroupQueue& queue() override { return queue_; }
  void advance(milliseconds by) override { linked_.redis.time().advance(by); }

 private:
  LinkedRedis linked_{kind};
  RedisGroupQueue queue_{linked_.link, linked_.redis.time().clock()};
};

template <RedisKind kind>
class PresenceOnRedis final : public PresenceFixture {
 public:
  Presence& presence() override { return presence_; }
  void advance(milliseconds by) override { linked_.redis.time().advance(by); }

 private:
  LinkedRedis linked_{kind};
  RedisPresence presence_{linked_.link, linked_.redis.time().clock()};
};

template <class Port, class Fixture>
std::unique_ptr<Port> make() {
  return std::make_unique<Fixture>();
}

constexpr auto kPlain = RedisKind::Plain;
constexpr auto kCluster = RedisKind::Cluster;

INSTANTIATE_TEST_SUITE_P(Redis, ThrottleContract,
                         testing::Values(&make<ThrottleFixture, ThrottleOnRedis<kPlain>>));
INSTANTIATE_TEST_SUITE_P(RedisCluster, ThrottleContract,
                         testing::Values(&make<ThrottleFixture, ThrottleOnRedis<kCluster>>));
INSTANTIATE_TEST_SUITE_P(Redis, GroupQueueContract,
                         testing::Values(&make<GroupQueueFixture, QueueOnRedis<kPlain>>));
INSTANTIATE_TEST_SUITE_P(RedisCluster, GroupQueueContract,
                         testing::Values(&make<GroupQueueFixture, QueueOnRedis<kCluster>>));
INSTANTIATE_TEST_SUITE_P(Redis, PresenceContract,
                         testing::Values(&make<PresenceFixture, PresenceOnRedis<kPlain>>));
INSTANTIATE_TEST_SUITE_P(RedisCluster, PresenceContract,
                         testing::Values(&make<PresenceFixture, PresenceOnRedis<kCluster>>));

}  // namespace
}  // namespace tidings
