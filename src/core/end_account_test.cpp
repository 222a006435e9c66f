#include "core/end_account.h"

#include <gtest/gtest.h>

#include "core/test_people.h"

namespace tidings {
namespace {

Message say(PeopleWorld& world, const Caller& author, GroupId group, std::string text) {
  Message message;
  message.id = MessageId::mint(world.clock.now(), author.user);
  message.group = group;
  message.author = author.user;
  message.author_name = author.name;
  message.received_at = world.clock.now();
  message.content.text = std::move(text);
  EXPECT_TRUE(block_on(world.messages.append(message, false)).has_value());
  return message;
}
Message read(PeopleWorld& world, const Message& message) {
  return block_on(world.messages.read(message.group, {message.id})).value().at(0);
}
void end(PeopleWorld& world, const Caller& caller) {
  ASSERT_TRUE(block_on(world.worker.end_account.end(caller)).has_value());
}

TEST(EndAccount, EndsSessionsAndKeepsTheNameTaken) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const auto session = world.sign_in("alice")->session;
  std::vector<Uuid> ended;
  world.worker.sessions.on_ended([&](Uuid id) { ended.push_back(id); });
  end(world, alice);
  EXPECT_EQ(ended.size(), 2U);
  EXPECT_EQ(code_of(world.caller(session.access_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(block_on(world.worker.sessions.refresh(session.refresh_token))),
            ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(world.sign_in("alice")), ErrorCode::BadCredentials);
  EXPECT_EQ(code_of(world.sign_up("alice")), ErrorCode::NameTaken);
  EXPECT_EQ(code_of(block_on(world.worker.profiles.find(bob, "alice"))), ErrorCode::UnknownUser);
  const User user = block_on(world.users.find(alice.user)).value().value();
  EXPECT_EQ(user.password_hash, "");
  EXPECT_EQ(user.display_name, "");
}

TEST(EndAccount, LeavesEveryGroupAndPassesOwnershipOn) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const Caller carol = world.person("carol");
  const GroupId owned = world.group(alice, {"bob", "carol"});
  ASSERT_TRUE(world.put(alice, owned, "carol", Role::Moderator).has_value());
  const GroupId joined = world.group(bob, {"alice"});
  const GroupId alone = world.group(alice);
  end(world, alice);
  for (const GroupId group : {owned, joined, alone}) {
    EXPECT_EQ(world.role_of(group, alice), Role::None);
  }
  EXPECT_EQ(world.role_of(owned, carol), Role::Owner);
  EXPECT_EQ(world.role_of(owned, bob), Role::Member);
  EXPECT_EQ(world.role_of(joined, bob), Role::Owner);
}

TEST(EndAccount, ErasesTheBodiesOfItsMessagesAndNobodyElses) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId group = world.group(bob, {"alice"});
  std::vector<Message> alices;
  std::vector<Message> bobs;
  for (int i = 0; i < 1'200; ++i) {  // more than a page of ids
    world.clock.advance(milliseconds(1));
    alices.push_back(say(world, alice, group, "mine"));
    bobs.push_back(say(world, bob, group, "his"));
  }
  const GroupId left = world.group(bob, {"alice"});
  const Message before_leaving = say(world, alice, left, "mine");
  ASSERT_TRUE(world.remove(alice, left, "alice").has_value());

  end(world, alice);
  // A message that another worker took while it still believed the token.
  world.clock.advance(seconds(4));
  alices.push_back(say(world, alice, group, "late"));
  EXPECT_EQ(block_on(world.worker.end_account.run_due()), 0U);
  world.clock.advance(seconds(4));
  EXPECT_EQ(block_on(world.worker.end_account.run_due()), 1U);
  alices.push_back(before_leaving);
  for (const Message& message : alices) {
    const Message now = read(world, message);
    EXPECT_TRUE(now.erased);
    EXPECT_EQ(now.content.text, "");
    EXPECT_EQ(now.id, message.id);
  }
  for (const Message& message : bobs) EXPECT_EQ(read(world, message), message);
  EXPECT_TRUE(block_on(world.users.find(alice.user)).value()->erased);
  EXPECT_EQ(world.worker.end_account.waiting(), 0U);
  EXPECT_EQ(block_on(world.worker.end_account.run_due()), 0U);
}

TEST(EndAccount, FindsItsUnfinishedJobsAfterARestart) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId group = world.group(alice, {"bob"});
  const Message message = say(world, alice, group, "mine");
  end(world, alice);

  world.clock.advance(seconds(60));
  PeopleWorker restarted(world);
  ASSERT_TRUE(block_on(restarted.end_account.find_unfinished()).has_value());
  ASSERT_TRUE(block_on(restarted.end_account.find_unfinished()).has_value());
  EXPECT_EQ(restarted.end_account.waiting(), 1U);
  EXPECT_EQ(block_on(restarted.end_account.run_due()), 1U);
  EXPECT_TRUE(read(world, message).erased);
  PeopleWorker again(world);
  ASSERT_TRUE(block_on(again.end_account.find_unfinished()).has_value());
  EXPECT_EQ(again.end_account.waiting(), 0U);
}

TEST(EndAccount, CompletesByTheJobWhatACrashLeftUndone) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId group = world.group(alice, {"bob"});
  // The process died when the account was marked as ended, and did nothing else.
  User user = block_on(world.users.find(alice.user)).value().value();
  user.ended_at = world.clock.now();
  ASSERT_TRUE(block_on(world.users.compare_and_set(user)).value());
  world.clock.advance(seconds(8));
  PeopleWorker restarted(world);
  ASSERT_TRUE(block_on(restarted.end_account.find_unfinished()).has_value());
  EXPECT_EQ(block_on(restarted.end_account.run_due()), 1U);
  EXPECT_EQ(world.role_of(group, alice), Role::None);
  EXPECT_EQ(world.role_of(group, bob), Role::Owner);
  EXPECT_TRUE(block_on(world.PeopleStores::sessions.list(alice.user, {}, 10)).value().empty());
}

TEST(EndAccount, PassesOnAGroupThatItIsGivenAtTheSameTime) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId group = world.group(bob, {"alice"});
  world.groups.member_rival = [&] {
    Member member = block_on(world.groups.find_member(group, alice.user)).value().value();
    member.role = Role::Owner;
    ASSERT_TRUE(block_on(world.groups.compare_and_set_member(group, member)).value());
    member = block_on(world.groups.find_member(group, bob.user)).value().value();
    member.role = Role::Member;
    ASSERT_TRUE(block_on(world.groups.compare_and_set_member(group, member)).value());
  };
  end(world, alice);
  EXPECT_EQ(world.role_of(group, alice), Role::None);
  EXPECT_EQ(world.role_of(group, bob), Role::Owner);
}

TEST(EndAccount, EndsAServiceWithItsKeys) {
  PeopleWorld world;
  const auto made = block_on(world.worker.services.create("robot", {})).value();
  const Caller robot = world.caller(made.token).value();
  end(world, robot);
  EXPECT_EQ(code_of(world.caller(made.token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(block_on(world.worker.services.create("robot", {}))), ErrorCode::NameTaken);
  EXPECT_TRUE(block_on(world.worker.services.list("", 10)).value().services.empty());
}

}  // namespace
}  // namespace tidings
