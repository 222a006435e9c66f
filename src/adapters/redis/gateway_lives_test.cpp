#include "adapters/redis/gateway_lives.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/manual_clock.h"

namespace tidings {
namespace {

using Verdict = GatewayLives::Verdict;

const GatewayId kEast{"east:7500", 1};
const GatewayId kEastRestarted{"east:7500", 2};

struct Known {
  ManualClock clock;
  GatewayLives lives{clock};

  void learn(std::optional<std::uint64_t> incarnation) {
    lives.learn(kEast.address, incarnation, clock.monotonic());
  }
};

TEST(GatewayLives, BelievesForASecondThatAGatewayLives) {
  Known it;
  EXPECT_EQ(it.lives.judge(kEast), Verdict::Silent);
  it.learn(1);
  EXPECT_EQ(it.lives.judge(kEast), Verdict::Lives);
  it.clock.advance(milliseconds(999));
  EXPECT_TRUE(it.lives.to_ask().empty());
  it.clock.advance(milliseconds(1));
  EXPECT_EQ(it.lives.to_ask(), std::vector{kEast.address});
}

TEST(GatewayLives, AsksEachTimeAboutOneThatDoesNotLive) {
  Known it;
  it.learn(std::nullopt);
  EXPECT_EQ(it.lives.to_ask(), std::vector{kEast.address});
}

TEST(GatewayLives, CallsAFormerLifeGoneAtOnce) {
  Known it;
  it.learn(2);
  EXPECT_EQ(it.lives.judge(kEast), Verdict::Gone);
  EXPECT_EQ(it.lives.judge(kEastRestarted), Verdict::Lives);
}

TEST(GatewayLives, CallsASilentOneGoneAfterAMinute) {
  Known it;
  it.learn(1);
  it.clock.advance(seconds(20));
  it.learn(std::nullopt);
  it.clock.advance(seconds(59));
  it.learn(std::nullopt);
  EXPECT_EQ(it.lives.judge(kEast), Verdict::Silent);
  it.clock.advance(seconds(1));
  EXPECT_EQ(it.lives.judge(kEast), Verdict::Gone);
  it.learn(1);
  EXPECT_EQ(it.lives.judge(kEast), Verdict::Lives);
}

TEST(GatewayLives, TrustsTheLaterQuestion) {
  Known it;
  const Instant before = it.clock.monotonic();
  it.clock.advance(milliseconds(5));
  it.learn(2);
  it.lives.learn(kEast.address, 1, before);
  EXPECT_EQ(it.lives.judge(kEastRestarted), Verdict::Lives);
}

TEST(GatewayLives, ForgetsWhoIsSilentForLongAndRemembersABoundedNumber) {
  Known it;
  it.learn(std::nullopt);
  it.clock.advance(std::chrono::minutes(10));
  for (int gateway = 0; gateway < 1'000; ++gateway) {
    it.lives.learn("west:" + std::to_string(gateway), std::nullopt, it.clock.monotonic());
  }
  const auto asked = it.lives.to_ask();
  EXPECT_EQ(asked.size(), GatewayLives::kRememberedMax);
  EXPECT_EQ(std::ranges::count(asked, kEast.address), 0);
}

}  // namespace
}  // namespace tidings
