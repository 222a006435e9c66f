#include "core/digest_check.h"

#include <gtest/gtest.h>

#include "core/test_world.h"
#include "ports/test_values.h"

namespace tidings {
namespace {

// A group with what alice said long ago.
struct Archive : World {
  Archive() : World(/*seed=*/1) {}

  Caller alice = user("alice");
  GroupId group = World::group({"alice"});
  DigestSum sum;  // of all rows

  void say_at(Time at) {
    const Message message = contract::text_message(group, alice.user, at, clock.now(), "hello");
    EXPECT_TRUE(run(messages.append(message, true)).has_value());
    sum.add(message.id);
  }
  void say(int rows, Time from) {
    for (int i = 0; i < rows; ++i) say_at(from + milliseconds(i));
  }
  Time days_ago(int days) const { return clock.now() - std::chrono::days(days); }
  Digest whole() { return run(digests.range(alice, group, {})).value(); }
};

TEST(DigestSeal, KeepsNoSumThatLacksARowWhichCameWhileItWasMade) {
  Archive archive;
  archive.say(6'000, archive.days_ago(80));
  archive.say(6'000, archive.days_ago(50));
  archive.faults.hold({StoreMethod::Seal});
  auto first = archive.start(archive.digests.range(archive.alice, archive.group, {}));
  archive.faults.held().at(0)->answer();
  archive.settle();
  // The rows of the older window are read, and their sum is about to be stored.
  ASSERT_FALSE(archive.faults.held().empty());
  archive.say_at(archive.days_ago(80));
  archive.faults.release();
  archive.settle();
  ASSERT_TRUE(first.is_done());
  EXPECT_EQ(archive.whole().sum, archive.sum);
  EXPECT_EQ(archive.whole().sum, archive.sum);
}

}  // namespace
}  // namespace tidings
