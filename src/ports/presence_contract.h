#pragma once

// What every Presence must pass. An adapter's test includes this once and says
//   INSTANTIATE_TEST_SUITE_P(Memory, PresenceContract, testing::Values(&make_fixture));

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/run_loop.h"
#include "ports/presence.h"

namespace tidings {

// A presence of its own, empty, and the time it lives in.
class PresenceFixture {
 public:
  virtual ~PresenceFixture() = default;
  virtual Presence& presence() = 0;
  virtual void advance(milliseconds by) = 0;
};

class PresenceContract : public testing::TestWithParam<std::unique_ptr<PresenceFixture> (*)()> {
 protected:
  using Found = std::vector<std::pair<UserId, GatewayId>>;

  void connect(UserId user, GatewayId gateway) {
    ASSERT_TRUE(block_on(presence.connected(user, gateway)).has_value());
  }
  void disconnect(UserId user, GatewayId gateway) {
    ASSERT_TRUE(block_on(presence.disconnected(user, gateway)).has_value());
  }
  void beat(GatewayId gateway) { ASSERT_TRUE(block_on(presence.heartbeat(gateway)).has_value()); }
  // Sorted, since a presence may answer in any order.
  Found locate(std::vector<UserId> users) {
    Found found;
    const auto locations = block_on(presence.locate(std::move(users)));
    for (const auto& location : *locations) found.emplace_back(location.user, location.gateway);
    std::ranges::sort(found);
    return found;
  }

  std::unique_ptr<PresenceFixture> fixture = GetParam()();
  Presence& presence = fixture->presence();
  const UserId alice{Uuid::v4()};
  const UserId bob{Uuid::v4()};
  const GatewayId east{"east:7500", 1};
  const GatewayId west{"west:7500", 2};
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PresenceContract);

TEST_P(PresenceContract, FindsThoseWhoAreConnected) {
  beat(east);
  connect(alice, east);
  EXPECT_EQ(locate({bob, alice}), (Found{{alice, east}}));
  EXPECT_EQ(locate({bob}), Found{});
  EXPECT_EQ(locate({}), Found{});
}

TEST_P(PresenceContract, FindsEveryGatewayOfAUserOnce) {
  beat(east);
  beat(west);
  connect(alice, east);
  connect(alice, west);
  connect(alice, west);
  EXPECT_EQ(locate({alice}), (Found{{alice, east}, {alice, west}}));
}

TEST_P(PresenceContract, ForgetsThoseWhoLeft) {
  beat(east);
  beat(west);
  connect(alice, east);
  connect(alice, west);
  disconnect(alice, east);
  EXPECT_EQ(locate({alice}), (Found{{alice, west}}));
  disconnect(alice, west);
  disconnect(alice, west);
  EXPECT_EQ(locate({alice}), Found{});
}

TEST_P(PresenceContract, IgnoresAGatewayThatWasSilentForTenSeconds) {
  beat(east);
  beat(west);
  connect(alice, east);
  connect(bob, west);
  fixture->advance(milliseconds(9'000));
  EXPECT_EQ(locate({alice, bob}).size(), 2u);
  beat(west);
  fixture->advance(milliseconds(1'001));
  EXPECT_EQ(locate({alice, bob}), (Found{{bob, west}}));
}

TEST_P(PresenceContract, TellsOneLifeOfAGatewayFromTheNext) {
  beat(east);
  connect(alice, east);
  fixture->advance(seconds(11));
  const GatewayId restarted{east.address, east.incarnation + 1};
  beat(restarted);
  EXPECT_EQ(locate({alice}), Found{});
  connect(alice, restarted);
  EXPECT_EQ(locate({alice}), (Found{{alice, restarted}}));
}

TEST_P(PresenceContract, IgnoresAGatewayThatNeverBeat) {
  connect(alice, east);
  EXPECT_EQ(locate({alice}), Found{});
}

TEST_P(PresenceContract, LocatesAThousandInOneCall) {
  beat(east);
  std::vector<UserId> users;
  for (int user = 0; user < 1'000; ++user) users.push_back({Uuid::v4()});
  for (const UserId user : users) connect(user, east);
  EXPECT_EQ(locate(users).size(), 1'000u);
}

}  // namespace tidings
