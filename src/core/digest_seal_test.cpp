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

TEST(DigestSeal, NamesTheIdsOfAtMost256Rows) {
  Archive archive;
  archive.say(256, archive.days_ago(1));
  EXPECT_EQ(archive.whole().ids.size(), 256U);
  archive.say(1, archive.days_ago(2));
  EXPECT_TRUE(archive.whole().ids.empty());
  EXPECT_EQ(archive.whole().sum, archive.sum);
}

TEST(DigestSeal, SplitsMoreThanTenThousandRowsIntoParts) {
  Archive archive;
  archive.say(10'000, archive.days_ago(50));
  EXPECT_TRUE(archive.whole().parts.empty());
  archive.say(1, archive.days_ago(80));
  const Digest digest = archive.whole();
  EXPECT_EQ(digest.sum, archive.sum);
  ASSERT_EQ(digest.parts.size(), 2U);
  EXPECT_EQ(digest.parts[0].from, digest.from);
  EXPECT_EQ(digest.parts[0].to, digest.parts[1].from);
  EXPECT_EQ(digest.parts[1].to, digest.to);
  EXPECT_EQ(digest.parts[0].sum.count(), 1U);
  EXPECT_EQ(digest.parts[1].sum.count(), 10'000U);
}

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
