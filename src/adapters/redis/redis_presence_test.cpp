#include "adapters/redis/redis_presence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "adapters/redis/redis_names.h"
#include "adapters/redis/test_redis.h"

namespace tidings {
namespace {

const GatewayId kEast{"east:7500", 1};
const GatewayId kEastRestarted{"east:7500", 2};
const GatewayId kWest{"west:7500", 7};

struct Located {
  explicit Located(RedisKind kind) : Located(TestRedis::shared(kind)) {}
  explicit Located(TestRedis& server) : linked(server) {}

  void connect(UserId user, const GatewayId& gateway) {
    ASSERT_TRUE(block_on(presence.connected(user, gateway)).has_value());
  }
  void beat(const GatewayId& gateway) {
    ASSERT_TRUE(block_on(presence.heartbeat(gateway)).has_value());
  }
  std::vector<GatewayId> gateways_of(UserId user) {
    std::vector<GatewayId> gateways;
    for (auto& found : block_on(presence.locate({user})).value()) {
      gateways.push_back(found.gateway);
    }
    std::ranges::sort(gateways);
    return gateways;
  }
  // For longer than a gateway may be silent; `others` go on beating.
  void let_pass(seconds time, std::vector<GatewayId> others = {}) {
    for (seconds passed{0}; passed < time; passed += seconds(5)) {
      linked.redis.time().advance(seconds(5));
      for (const GatewayId& gateway : others) beat(gateway);
      gateways_of(alice);
    }
  }
  std::string fields_of_alice() const {
    return linked.redis.node().cli("hkeys '" + user_key(alice, "p") + "'");
  }

  LinkedRedis linked;
  int forgotten = 0;
  RedisPresence presence{linked.link, linked.redis.time().clock(), [this] { ++forgotten; }};
  const UserId alice{Uuid::v4()};
  const UserId bob{Uuid::v4()};
};

TEST(RedisPresence, LocatesAGroupOfAHundredOnTwoGatewaysInOneRoundTrip) {
  Located it(RedisKind::Cluster);
  it.beat(kEast);
  it.beat(kWest);
  std::vector<UserId> users;
  for (int user = 0; user < 100; ++user) {
    users.push_back({Uuid::v4()});
    it.connect(users.back(), user % 2 == 0 ? kEast : kWest);
  }
  EXPECT_EQ(block_on(it.presence.locate(users)).value().size(), 100u);
  EXPECT_EQ(it.presence.stats().round_trips, 2u);  // it meets the gateways for the first time
  for (int second = 0; second < 5; ++second) {
    it.linked.redis.time().advance(seconds(1));
    EXPECT_EQ(block_on(it.presence.locate(users)).value().size(), 100u);
  }
  EXPECT_EQ(it.presence.stats().round_trips, 7u);
}

TEST(RedisPresence, FindsARestartedGatewayThoughItStillBelievesInTheFormerLife) {
  Located it(RedisKind::Cluster);
  it.beat(kEast);
  it.connect(it.alice, kEast);
  EXPECT_EQ(it.gateways_of(it.alice), std::vector{kEast});
  it.beat(kEastRestarted);
  it.connect(it.bob, kEastRestarted);
  EXPECT_EQ(it.gateways_of(it.bob), std::vector{kEastRestarted});
  EXPECT_TRUE(it.gateways_of(it.alice).empty());
}

TEST(RedisPresence, StrikesOutTheFormerLifeOfAGateway) {
  Located it(RedisKind::Plain);
  it.beat(kEast);
  it.connect(it.alice, kEast);
  it.connect(it.alice, kEastRestarted);
  it.beat(kEastRestarted);
  EXPECT_EQ(it.gateways_of(it.alice), std::vector{kEastRestarted});
  EXPECT_EQ(it.presence.stats().struck_out, 1u);
  EXPECT_EQ(it.fields_of_alice(), "east:7500#2\n");
}

TEST(RedisPresence, StrikesOutAGatewayThatWasSilentForAMinuteButNotSooner) {
  Located it(RedisKind::Plain);
  it.beat(kEast);
  it.beat(kWest);
  it.connect(it.alice, kEast);
  it.connect(it.alice, kWest);
  it.let_pass(seconds(60), {kWest});
  EXPECT_EQ(it.gateways_of(it.alice), std::vector{kWest});
  EXPECT_EQ(it.presence.stats().struck_out, 0u);
  it.let_pass(seconds(20), {kWest});
  EXPECT_EQ(it.presence.stats().struck_out, 1u);
  EXPECT_EQ(it.fields_of_alice(), "west:7500#7\n");
}

TEST(RedisPresence, TellsAGatewayThatItWasForgotten) {
  Located it(RedisKind::Plain);
  it.beat(kEast);
  it.beat(kEast);
  it.linked.redis.time().advance(milliseconds(9'999));
  it.beat(kEast);
  EXPECT_EQ(it.forgotten, 0);
  it.linked.redis.time().advance(milliseconds(10'001));
  it.beat(kEast);
  EXPECT_EQ(it.forgotten, 1);
  it.linked.redis.flush();
  it.beat(kEast);
  it.beat(kEast);
  EXPECT_EQ(it.forgotten, 2);
}

TEST(RedisPresence, LetsNothingStayForEver) {
  Located it(RedisKind::Cluster);
  it.beat(kEast);
  it.connect(it.alice, kEast);
  ASSERT_EQ(it.linked.redis.keys().size(), 2u);
  for (const std::string& key : it.linked.redis.keys()) {
    EXPECT_NE(it.linked.redis.cli("-c ttl '" + key + "'").find_first_of("123456789"),
              std::string::npos);
  }
  it.linked.redis.time().advance(std::chrono::days(7));
  it.linked.redis.time().advance(milliseconds(1));
  EXPECT_EQ(it.linked.redis.cli("-c exists '" + user_key(it.alice, "p") + "'"), "0\n0\n0\n");
}

TEST(RedisPresence, IsEmptyAfterARestartAndFilledAgain) {
  TestRedis redis(RedisKind::Plain);
  Located it(redis);
  it.beat(kEast);
  it.connect(it.alice, kEast);
  redis.node().kill();
  redis.node().start();
  for (int tries = 0; tries < 100; ++tries) {
    if (block_on(it.presence.heartbeat(kEast))) break;
    redis.time().advance(seconds(1));  // for the circuit breaker
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(it.forgotten, 1);
  EXPECT_TRUE(it.gateways_of(it.alice).empty());
  it.connect(it.alice, kEast);
  EXPECT_EQ(it.gateways_of(it.alice), std::vector{kEast});
}

}  // namespace
}  // namespace tidings
