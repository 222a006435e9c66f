#include "core/read_marks.h"

#include <gtest/gtest.h>

#include "core/test_world.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class ReadMarksTest : public testing::TestWithParam<World::Plays> {
 protected:
  Result<void> put(const std::string& reader, std::string cursor) {
    return world.run(world.read_marks.put(world.user(reader), group, std::move(cursor)));
  }
  Sync::Unread unread(const std::string& reader) {
    const auto counted = world.run(world.read_marks.unread(world.user(reader), group));
    EXPECT_TRUE(counted.has_value());
    return counted.value_or(Sync::Unread{});
  }

  World world{/*seed=*/1, GetParam()};
  const GroupId group = world.group({"alice", "bob"});
};

INSTANTIATE_TEST_SUITE_P(OneWriter, ReadMarksTest, testing::Values(World::Plays::OneWriter));
INSTANTIATE_TEST_SUITE_P(ManyWriters, ReadMarksTest, testing::Values(World::Plays::ManyWriters));

TEST_P(ReadMarksTest, WithoutOneEverythingOfOthersSinceJoiningIsUnread) {
  ASSERT_TRUE(world.say("alice", group, "one"));
  ASSERT_TRUE(world.say("bob", group, "two"));
  EXPECT_EQ(unread("bob").count, 1u);
  EXPECT_EQ(unread("alice").count, 1u);
}

TEST_P(ReadMarksTest, OnlyWhatArrivesAfterItIsUnread) {
  ASSERT_TRUE(world.say("alice", group, "one"));
  ASSERT_TRUE(put("bob", world.changes("bob", group)->cursor));
  EXPECT_EQ(unread("bob").count, 0u);
  ASSERT_TRUE(world.say("alice", group, "two"));
  EXPECT_EQ(unread("bob").count, 1u);
}

TEST_P(ReadMarksTest, ALateMessageIsNotBornRead) {
  const auto late = world.draft("alice", group, "said before the mark");
  world.advance(20s);
  ASSERT_TRUE(world.say("alice", group, "on time"));
  ASSERT_TRUE(put("bob", world.changes("bob", group)->cursor));
  world.advance(1s);
  ASSERT_TRUE(world.send(late));
  EXPECT_EQ(unread("bob").count, 1u);
}

TEST_P(ReadMarksTest, AnAmendmentIsNotUnreadAndAMentionIsCounted) {
  ASSERT_TRUE(put("bob", world.changes("bob", group)->cursor));
  Content mention;
  mention.text = "come here";
  mention.mentions = {"bob"};
  const auto draft = world.draft("alice", group, mention);
  ASSERT_TRUE(world.send(draft));
  Content edit;
  edit.kind = Kind::Edit;
  edit.text = "please come here";
  edit.target = draft.id();
  ASSERT_TRUE(world.send(world.draft("alice", group, edit)));
  EXPECT_EQ(unread("bob").count, 1u);
  EXPECT_EQ(unread("bob").mentions, 1u);
}

TEST_P(ReadMarksTest, CountingStopsAtAHundred) {
  ASSERT_TRUE(put("bob", world.changes("bob", group)->cursor));
  for (int i = 0; i < 101; ++i) ASSERT_TRUE(world.say("alice", group, "hello"));
  EXPECT_EQ(unread("bob").count, 100u);
}

TEST_P(ReadMarksTest, AnOlderOneDoesNotMoveItBack) {
  const auto old = world.changes("bob", group);
  world.advance(1s);
  ASSERT_TRUE(world.say("alice", group, "one"));
  ASSERT_TRUE(put("bob", world.changes("bob", group)->cursor));
  ASSERT_TRUE(put("bob", old->cursor));
  EXPECT_EQ(unread("bob").count, 0u);
}

TEST_P(ReadMarksTest, OnlyTheEndOfARoundOfThisGroupCanBeOne) {
  const auto before = world.changes("bob", group);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.say("alice", group, "hello"));
  ChangesRequest request;
  request.group = group;
  request.cursor = before->cursor;
  request.limit = 1;
  const auto page = world.run(world.sync.changes(world.user("bob"), request));
  ASSERT_TRUE(page->more);
  EXPECT_EQ(put("bob", page->cursor).error().code, ErrorCode::InvalidCursor);

  const GroupId other = world.group({"alice", "bob"});
  const auto foreign = world.changes("bob", other);
  EXPECT_EQ(put("bob", foreign->cursor).error().code, ErrorCode::InvalidCursor);
  EXPECT_EQ(put("carol", before->cursor).error().code, ErrorCode::UnknownGroup);
}

TEST_P(ReadMarksTest, OneOfTheFutureIsRefusedBecauseItWouldBeForEver) {
  Cursor forged = *decode_cursor(world.changes("bob", group)->cursor, group);
  forged.watermark = world.clock.now() + kClockSkewMax;
  EXPECT_TRUE(put("bob", encode(forged)));
  forged.watermark += 1ms;
  EXPECT_EQ(put("bob", encode(forged)).error().code, ErrorCode::InvalidCursor);
}

}  // namespace
}  // namespace tidings
