#include "core/test_world.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

class TestWorld : public testing::TestWithParam<World::Plays> {
 protected:
  World world{/*seed=*/1, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(OneWriter, TestWorld, testing::Values(World::Plays::OneWriter));
INSTANTIATE_TEST_SUITE_P(ManyWriters, TestWorld, testing::Values(World::Plays::ManyWriters));

TEST_P(TestWorld, WhatIsSentIsReadByEveryMember) {
  const GroupId group = world.group({"alice", "bob"});
  ASSERT_TRUE(world.say("alice", group, "hello"));
  ASSERT_EQ(world.history("bob", group).size(), 1u);
  EXPECT_EQ(world.history("bob", group)[0].message.content.text, "hello");
  const auto changes = world.changes("bob", group);
  ASSERT_TRUE(changes.has_value());
  EXPECT_EQ(changes->messages.size(), 1u);
  EXPECT_TRUE(world.queue.is_marked(group));
}

TEST_P(TestWorld, TheSenderNeverPaysForTheQueue) {
  const auto draft = world.draft("alice", "bob", "hello");
  const GroupId group = direct_group_id(draft.author.user, world.user("bob").user);
  world.queue.fail_for(seconds(30));
  EXPECT_TRUE(world.send(draft));
  EXPECT_EQ(world.send(draft), Stored::Already);
  EXPECT_EQ(world.history("bob", "alice").size(), 1u);
  EXPECT_FALSE(world.queue.is_marked(group));
  world.advance(seconds(31));
  world.run(world.marker.heal());
  EXPECT_TRUE(world.queue.is_marked(group));
}

TEST_P(TestWorld, AWriteThatTookTooLongIsLateBeforeItIsAnswered) {
  const GroupId group = world.group({"alice", "bob"});
  const auto before = world.changes("bob", group);
  const auto draft = world.draft("alice", group, "hello");
  world.faults.hold({StoreMethod::Append});
  auto sending = world.start(world.send_message.run(draft.author, draft.request));
  ASSERT_EQ(world.faults.held().size(), 1u);
  world.advance(seconds(20));
  EXPECT_FALSE(sending.is_done());
  const auto passed_by = world.changes("bob", group, before->cursor);
  world.faults.release();
  world.settle();
  ASSERT_TRUE(sending.is_done());
  EXPECT_TRUE(sending.result().has_value());
  const auto after = world.changes("bob", group, passed_by->cursor);
  ASSERT_EQ(after->messages.size(), 1u);
  EXPECT_EQ(after->messages[0].message.id, draft.id());
}

TEST_P(TestWorld, AWriteThatWasLostIsRepairedInTheBackground) {
  const GroupId group = world.group({"alice", "bob"});
  const auto before = world.changes("bob", group);
  const auto draft = world.draft("alice", group, "hello");
  world.faults.fail_writes_after = 3;  // the append, and two attempts of its repair
  EXPECT_FALSE(world.send(draft));
  world.advance(seconds(20));
  EXPECT_EQ(world.faults.fail_writes_after, 0);
  EXPECT_EQ(world.changes("bob", group, before->cursor)->messages.size(), 1u);
}

}  // namespace
}  // namespace tidings
