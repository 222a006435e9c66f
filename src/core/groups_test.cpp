#include "core/groups.h"

#include <gtest/gtest.h>

#include "core/policies.h"
#include "core/test_people.h"

namespace tidings {
namespace {

NewGroup named(std::string name, std::vector<std::string> members = {}) {
  NewGroup wanted;
  wanted.name = std::move(name);
  wanted.members = std::move(members);
  return wanted;
}

Result<GroupView> find(PeopleWorld& world, const Caller& caller, GroupId group) {
  return block_on(world.worker.groups.find(caller, group));
}
Result<GroupView> patch(PeopleWorld& world, const Caller& caller, GroupId group, GroupPatch patch) {
  return block_on(world.worker.groups.patch(caller, group, std::move(patch)));
}

// A direct group, as the first message to somebody makes it.
GroupId direct_group(PeopleWorld& world, const Caller& one, const Caller& other) {
  Group group;
  group.id = direct_group_id(one.user, other.user);
  group.kind = GroupKind::Direct;
  EXPECT_TRUE(block_on(world.groups.create(group)).has_value());
  for (const Caller& each : {one, other}) {
    Member member{each.user, each.name, Role::Member, world.clock.now(), world.clock.now()};
    EXPECT_TRUE(block_on(world.groups.compare_and_set_member(group.id, member)).value());
  }
  return group.id;
}

TEST(CreateGroup, MakesItsCreatorTheOwnerOfAPrivateGroup) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const auto made = world.create(alice, named("friends", {"bob", "alice", "bob"}));
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->created);
  const GroupView& view = made->view;
  EXPECT_EQ(view.role, Role::Owner);
  EXPECT_EQ(view.size, 2U);
  EXPECT_EQ(view.group.kind, GroupKind::Group);
  EXPECT_EQ(view.group.visibility, Visibility::Private);
  EXPECT_EQ(view.group.history, HistoryRule::All);
  EXPECT_EQ(view.group.post, PostRule::Members);
  EXPECT_TRUE(view.group.push);
  EXPECT_EQ(view.group.created_at, world.clock.now());
  EXPECT_EQ(view.last_updated, world.clock.now());
  EXPECT_EQ(world.role_of(view.group.id, bob), Role::Member);
}

TEST(CreateGroup, IsSafeToRepeatWithAKey) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  world.person("bob");
  world.person("carol");
  NewGroup wanted = named("friends", {"bob", "carol"});
  wanted.key = Uuid::v4();
  const auto first = world.create(alice, wanted);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->view.group.id, keyed_group_id(alice.user, *wanted.key));

  wanted.members = {"carol", "bob"};  // a set
  const auto again = world.create(alice, wanted);
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->view.group.id, first->view.group.id);
  EXPECT_EQ(again->view.size, 3U);

  NewGroup other = wanted;
  other.description = "others";
  EXPECT_EQ(code_of(world.create(alice, other)), ErrorCode::IdConflict);
  other = wanted;
  other.members.pop_back();
  EXPECT_EQ(code_of(world.create(alice, other)), ErrorCode::IdConflict);
}

TEST(CreateGroup, WithSomebodyElsesKeyMakesAnotherGroup) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  NewGroup wanted = named("friends");
  wanted.key = Uuid::v4();
  const auto alices = world.create(alice, wanted);
  const auto bobs = world.create(bob, wanted);
  EXPECT_TRUE(bobs->created);
  EXPECT_NE(alices->view.group.id, bobs->view.group.id);
}

TEST(CreateGroup, SaysNothingOfItToACreatorWhoIsNotInItAnyMore) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  world.person("bob");
  NewGroup wanted = named("friends", {"bob"});
  wanted.key = Uuid::v4();
  const GroupId group = world.create(alice, wanted).value().view.group.id;
  ASSERT_TRUE(world.put(alice, group, "bob", Role::Owner).has_value());
  ASSERT_TRUE(world.remove(alice, group, "alice").has_value());
  EXPECT_EQ(code_of(world.create(alice, wanted)), ErrorCode::UnknownGroup);
  EXPECT_EQ(world.size_of(group), 1U);
}

TEST(CreateGroup, IsUnavailableWhileTheClockIsOut) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  world.person("bob");
  world.clock.step(-seconds(300));
  EXPECT_EQ(code_of(world.create(alice, named("friends"))), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(block_on(world.worker.groups.patch(alice, group, {}))), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(world.put(alice, group, "bob", Role::Member)), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(world.remove(alice, group, "alice")), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(block_on(world.worker.members.join(alice, group))), ErrorCode::Unavailable);
}

TEST(CreateGroup, CompletesByARepeatWhatACrashLeftUndone) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  NewGroup wanted = named("friends", {"bob"});
  wanted.key = Uuid::v4();
  const auto made = world.create(alice, wanted).value();
  // The same group, as it stood before anybody was in it.
  MemoryGroupStore crashed;
  ASSERT_TRUE(block_on(crashed.create(made.view.group)).has_value());
  PeopleWorld& w = world;
  Directory directory(crashed, w.users, w.clock);
  GroupChanges changes(crashed, w.messages, directory, w.worker.marker, w.clock);
  Ownership ownership(crashed, directory, changes, w.clock);
  Groups groups(crashed, w.messages, directory, w.worker.blocks, ownership, changes, w.throttle,
                w.worker.clock_guard, w.clock);
  const auto again = block_on(groups.create(alice, wanted));
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->view.size, 2U);
  EXPECT_EQ(again->view.role, Role::Owner);
}

TEST(CreateGroup, DoesNotBringBackByARepeatWhoeverLeftOrADeletedGroup) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  NewGroup wanted = named("friends", {"bob"});
  wanted.key = Uuid::v4();
  const GroupId group = world.create(alice, wanted)->view.group.id;
  ASSERT_TRUE(world.remove(bob, group, "bob").has_value());
  EXPECT_TRUE(world.create(alice, wanted).has_value());
  EXPECT_EQ(world.role_of(group, bob), Role::None);
  ASSERT_TRUE(block_on(world.worker.groups.remove(alice, group)).has_value());
  EXPECT_EQ(code_of(world.create(alice, wanted)), ErrorCode::IdConflict);
}

TEST(CreateGroup, HoldsEachFieldToItsLimit) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  EXPECT_TRUE(world.create(alice, named(repeated("\xCE\xA9", 100))).has_value());
  EXPECT_EQ(field_of(world.create(alice, named(repeated("\xCE\xA9", 101)))), "name");
  EXPECT_EQ(field_of(world.create(alice, named(""))), "name");
  NewGroup wanted = named("friends");
  wanted.description = repeated("\xCE\xA9", 1'000);
  wanted.metadata = std::string(4'096, 'm');
  EXPECT_TRUE(world.create(alice, wanted).has_value());
  wanted.description += "x";
  EXPECT_EQ(field_of(world.create(alice, wanted)), "description");
  wanted.description.clear();
  wanted.metadata += "x";
  EXPECT_EQ(field_of(world.create(alice, wanted)), "metadata");
}

TEST(CreateGroup, TakesFiftyMembersAndNoMore) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  std::vector<std::string> names;
  for (int i = 0; i < 51; ++i) {
    names.push_back("p" + std::to_string(i + 10));
    world.person(names.back());
  }
  EXPECT_EQ(field_of(world.create(alice, named("many", names))), "members");
  names.pop_back();
  EXPECT_EQ(world.create(alice, named("many", names))->view.size, 51U);
  // Each cost a write token, and 60 are all there are.
  EXPECT_EQ(code_of(world.create(alice, named("more", names))), ErrorCode::TooManyRequests);
  names.resize(10);
  EXPECT_TRUE(world.create(alice, named("more", names)).has_value());
}

TEST(CreateGroup, RefusesMoreMembersThanTheBucketWillEverPay) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  for (const auto* name : {"bob", "carol", "dave"}) world.person(name);
  ThrottleRates rates;
  rates.person_writes = {3, 10};
  set_throttle_rates(rates);  // of which the call itself takes one
  const auto three = world.create(alice, named("three", {"bob", "carol", "dave"}));
  const auto two = world.create(alice, named("two", {"bob", "carol"}));
  set_throttle_rates({});
  EXPECT_EQ(field_of(three), "members");
  EXPECT_TRUE(two.has_value());
}

TEST(CreateGroup, MakesNothingWhenSomebodyDoesNotExistOrAccept) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const Caller carol = world.person("carol");
  const auto unknown = world.create(alice, named("friends", {"bob", "nobody"}));
  EXPECT_EQ(code_of(unknown), ErrorCode::UnknownUser);
  EXPECT_EQ(field_of(unknown), "members[1]");

  ASSERT_TRUE(block_on(world.worker.blocks.put(bob, "alice")).has_value());
  const auto blocked = world.create(alice, named("friends", {"carol", "bob"}));
  EXPECT_EQ(code_of(blocked), ErrorCode::NotAccepted);
  EXPECT_EQ(field_of(blocked), "members[1]");

  ProfilePatch nobody;
  nobody.accepts_direct = false;
  ASSERT_TRUE(block_on(world.worker.profiles.patch(carol, nobody)).has_value());
  EXPECT_EQ(code_of(world.create(alice, named("friends", {"carol"}))), ErrorCode::NotAccepted);
  EXPECT_TRUE(block_on(world.worker.groups.list(alice, {})).value().items.empty());
}

TEST(FindGroup, HidesAPrivateGroupAndShowsAPublicOneFromOutside) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId group = world.group(alice);
  EXPECT_EQ(find(world, alice, group)->role, Role::Owner);
  EXPECT_EQ(code_of(find(world, bob, group)), ErrorCode::UnknownGroup);
  EXPECT_EQ(code_of(find(world, bob, GroupId{Uuid::v4()})), ErrorCode::UnknownGroup);

  GroupPatch open;
  open.visibility = Visibility::Public;
  ASSERT_TRUE(patch(world, alice, group, open).has_value());
  const auto outside = find(world, bob, group);
  ASSERT_TRUE(outside.has_value());
  EXPECT_EQ(outside->role, Role::None);
  EXPECT_EQ(outside->size, 1U);
}

TEST(PatchGroup, LetsModeratorsNameAndOwnersOpen) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const Caller carol = world.person("carol");
  const Caller dave = world.person("dave");
  const GroupId group = world.group(alice, {"bob", "carol"});
  ASSERT_TRUE(world.put(alice, group, "bob", Role::Moderator).has_value());

  GroupPatch names;
  names.name = "foes";
  names.description = "no longer friends";
  names.metadata = R"({"a":1})";
  names.post = PostRule::Moderators;
  GroupPatch opens;
  opens.visibility = Visibility::Public;
  GroupPatch hides;
  hides.history = HistoryRule::SinceJoined;

  for (const GroupPatch& each : {names, opens, hides}) {
    EXPECT_EQ(code_of(patch(world, carol, group, each)), ErrorCode::Forbidden);
    EXPECT_EQ(code_of(patch(world, dave, group, each)), ErrorCode::UnknownGroup);
  }
  const auto named = patch(world, bob, group, names);
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(named->group.name, "foes");
  EXPECT_EQ(named->group.description, "no longer friends");
  EXPECT_EQ(named->group.metadata, R"({"a":1})");
  EXPECT_EQ(named->group.post, PostRule::Moderators);
  EXPECT_EQ(code_of(patch(world, bob, group, opens)), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(patch(world, bob, group, hides)), ErrorCode::Forbidden);
  EXPECT_EQ(patch(world, alice, group, opens)->group.visibility, Visibility::Public);
  EXPECT_EQ(patch(world, alice, group, hides)->group.history, HistoryRule::SinceJoined);
  EXPECT_EQ(find(world, carol, group)->group.name, "foes");
}

TEST(PatchGroup, HoldsEachFieldToItsLimit) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  GroupPatch name;
  name.name = std::string(101, 'x');
  EXPECT_EQ(field_of(patch(world, alice, group, name)), "name");
  name.name = std::string(100, 'x');
  EXPECT_TRUE(patch(world, alice, group, name).has_value());
  GroupPatch description;
  description.description = std::string(1'001, 'x');
  EXPECT_EQ(field_of(patch(world, alice, group, description)), "description");
  GroupPatch metadata;
  metadata.metadata = std::string(4'097, 'x');
  EXPECT_EQ(field_of(patch(world, alice, group, metadata)), "metadata");
}

TEST(PatchGroup, CountsAsAChangeForStatusAndMembers) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  world.clock.advance(seconds(10));
  EXPECT_EQ(block_on(world.queue.claim(10, milliseconds(0))).value().size(), 1U);
  GroupPatch name;
  name.name = "foes";
  ASSERT_TRUE(patch(world, alice, group, name).has_value());
  EXPECT_EQ(find(world, alice, group)->last_updated, world.clock.now());
  world.clock.advance(seconds(1));
  EXPECT_EQ(block_on(world.queue.claim(10, milliseconds(0))).value().size(), 1U);
}

TEST(RemoveGroup, IsForOwnersAndOnce) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const Caller carol = world.person("carol");
  const GroupId group = world.group(alice, {"bob"});
  ASSERT_TRUE(world.put(alice, group, "bob", Role::Moderator).has_value());
  const auto remove = [&](const Caller& caller) {
    return block_on(world.worker.groups.remove(caller, group));
  };
  EXPECT_EQ(code_of(remove(carol)), ErrorCode::UnknownGroup);
  EXPECT_EQ(code_of(remove(bob)), ErrorCode::Forbidden);
  EXPECT_TRUE(remove(alice).has_value());
  EXPECT_EQ(code_of(remove(alice)), ErrorCode::UnknownGroup);
  EXPECT_EQ(code_of(find(world, bob, group)), ErrorCode::UnknownGroup);
  EXPECT_TRUE(block_on(world.worker.groups.list(bob, {})).value().items.empty());
}

TEST(PatchGroup, KeepsBothOfTwoChangesThatRace) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  GroupPatch name;
  name.name = "neighbours";
  GroupPatch description;
  description.description = "of the old town";
  world.groups.group_rival = [&] {
    ASSERT_TRUE(patch(world, alice, group, description).has_value());
  };
  const auto view = patch(world, alice, group, name);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->group.name, "neighbours");
  EXPECT_EQ(view->group.description, "of the old town");
  EXPECT_EQ(world.stored(group).description, "of the old town");
}

TEST(PatchGroup, LeavesAGroupDeletedThatIsDeletedAtTheSameTime) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  world.groups.group_rival = [&] {
    ASSERT_TRUE(block_on(world.worker.groups.remove(alice, group)).has_value());
  };
  GroupPatch name;
  name.name = "neighbours";
  EXPECT_EQ(code_of(patch(world, alice, group, name)), ErrorCode::UnknownGroup);
  EXPECT_TRUE(world.stored(group).deleted_at.has_value());
}

TEST(DirectGroup, IsFixed) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  world.person("carol");
  const GroupId group = direct_group(world, alice, bob);
  EXPECT_EQ(find(world, alice, group)->group.kind, GroupKind::Direct);
  GroupPatch name;
  name.name = "us";
  EXPECT_EQ(code_of(patch(world, alice, group, name)), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(block_on(world.worker.groups.remove(alice, group))), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(world.put(alice, group, "carol", Role::Member)), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(world.put(alice, group, "bob", Role::Owner)), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(world.remove(alice, group, "bob")), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(world.remove(alice, group, "alice")), ErrorCode::Forbidden);
  EXPECT_EQ(block_on(world.worker.members.list(alice, group, {}))->items.size(), 2U);
}

TEST(ListGroups, GivesThoseThatOneIsInPageByPage) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  std::set<GroupId> expected;
  for (int i = 0; i < 7; ++i) {
    const GroupId group = world.group(alice, {"bob"});
    if (i == 2) {
      ASSERT_TRUE(world.remove(bob, group, "bob").has_value());
    } else if (i == 5) {
      ASSERT_TRUE(block_on(world.worker.groups.remove(alice, group)).has_value());
    } else {
      expected.insert(group);
    }
  }
  std::set<GroupId> seen;
  std::string cursor;
  for (int pages = 1;; ++pages) {
    const auto page = block_on(world.worker.groups.list(bob, {cursor, 2})).value();
    EXPECT_LE(page.items.size(), 2U);
    for (const GroupView& view : page.items) {
      EXPECT_EQ(view.role, Role::Member);
      EXPECT_EQ(view.size, 2U);
      EXPECT_TRUE(seen.insert(view.group.id).second);
    }
    cursor = page.cursor;
    EXPECT_EQ(page.more, pages < 3);
    if (!page.more) break;
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(field_of(block_on(world.worker.groups.list(bob, {"", 0}))), "limit");
  EXPECT_EQ(field_of(block_on(world.worker.groups.list(bob, {"", 201}))), "limit");
  EXPECT_EQ(code_of(block_on(world.worker.groups.list(bob, {"?", 50}))), ErrorCode::InvalidCursor);
}

}  // namespace
}  // namespace tidings
