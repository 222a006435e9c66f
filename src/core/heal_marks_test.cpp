#include "core/heal_marks.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_presence.h"
#include "base/run_loop.h"
#include "core/test_world.h"

namespace tidings {
namespace {

class Listener final : public Subscriber {
 public:
  Task<void> changed(std::uint64_t, Time, std::vector<GroupId>) override { co_return; }
  Task<void> recheck() override {
    ++rechecks;
    co_return;
  }
  Task<void> session_ended() override { co_return; }

  int rechecks = 0;
};

Task<void> one_tick(Gateway& gateway) {
  gateway.tick();
  co_return;
}

TEST(HealMarks, LetsEverybodyRecheckOnceWhenMoreChangedThanIsRemembered) {
  ManualClock clock;
  TestQueue queue(clock);
  MemoryPresence presence(clock);
  RunLoop loop;
  Marker marker(queue, clock, /*recent_max=*/128);
  Gateway gateway({"local", 1}, {&loop}, presence, clock);
  Listener listener;
  Caller caller;
  caller.user = UserId{Uuid::v4()};
  const auto connection = loop.run(gateway.open(caller, listener)).value();
  gateway.begin(connection);
  const auto second = [&] {
    loop.run(heal_marks(marker, gateway));
    for (int tick = 0; tick < 4; ++tick) {
      clock.advance(milliseconds(250));
      loop.run(one_tick(gateway));
    }
  };

  loop.run(one_tick(gateway));
  marker.changed(GroupId{Uuid::v4()});
  second();
  EXPECT_EQ(listener.rechecks, 0);
  for (int group = 0; group < 2'000; ++group) marker.changed(GroupId{Uuid::v4()});
  second();
  EXPECT_EQ(listener.rechecks, 1);
  second();
  EXPECT_EQ(listener.rechecks, 1);

  loop.run(gateway.close(connection));
  loop.run(gateway.stop());
  loop.run(marker.stop());
}

}  // namespace
}  // namespace tidings
