#include "core/members.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/test_people.h"

namespace tidings {
namespace {

// A group with one of each role, and somebody outside.
struct Cast : PeopleWorld {
  Caller owner = person("owner");
  Caller moderator = person("moderator");
  Caller member = person("member");
  Caller reader = person("reader");
  Caller outsider = person("outsider");
  GroupId friends = group(owner, {"moderator", "member", "reader"});

  Cast() {
    EXPECT_TRUE(put(owner, friends, "moderator", Role::Moderator).has_value());
    EXPECT_TRUE(put(owner, friends, "reader", Role::Reader).has_value());
  }
};

// Whether members of a group were to be told of anything; not any more afterwards.
bool takes_mark(PeopleWorld& world) {
  world.clock.advance(seconds(1));
  const auto claims = block_on(world.queue.claim(10, milliseconds(0))).value();
  for (const Claim& claim : claims) block_on(world.queue.ack(claim, milliseconds(0)));
  return !claims.empty();
}

TEST(Members, AreAllOfThemShownToEachOfThemInPages) {
  Cast cast;
  std::vector<std::string> names;
  std::string cursor;
  for (int pages = 1;; ++pages) {
    const auto page = block_on(cast.worker.members.list(cast.reader, cast.friends, {cursor, 3}));
    ASSERT_TRUE(page.has_value());
    for (const Member& member : page->items) names.push_back(member.user_name);
    cursor = page->cursor;
    EXPECT_EQ(page->more, pages < 2);
    if (!page->more) break;
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"member", "moderator", "owner", "reader"}));
  EXPECT_EQ(code_of(block_on(cast.worker.members.list(cast.outsider, cast.friends, {}))),
            ErrorCode::UnknownGroup);
  EXPECT_EQ(field_of(block_on(cast.worker.members.list(cast.owner, cast.friends, {"", 201}))),
            "limit");
}

TEST(PutMember, LetsAnOwnerSetAnyRole) {
  Cast cast;
  for (const Role role : {Role::Reader, Role::Member, Role::Moderator, Role::Owner}) {
    const auto put = cast.put(cast.owner, cast.friends, "member", role);
    ASSERT_TRUE(put.has_value());
    EXPECT_EQ(put->role, role);
    EXPECT_EQ(cast.role_of(cast.friends, cast.member), role);
  }
  EXPECT_TRUE(cast.put(cast.owner, cast.friends, "outsider", Role::Owner).has_value());
}

TEST(PutMember, LetsAModeratorAddMembersAndReadersOnly) {
  Cast cast;
  const auto put = [&](std::string name, Role role) {
    return code_of(cast.put(cast.moderator, cast.friends, std::move(name), role));
  };
  EXPECT_EQ(put("outsider", Role::Moderator), ErrorCode::Forbidden);
  EXPECT_EQ(put("outsider", Role::Owner), ErrorCode::Forbidden);
  EXPECT_EQ(put("member", Role::Moderator), ErrorCode::Forbidden);
  EXPECT_EQ(put("owner", Role::Member), ErrorCode::Forbidden);
  EXPECT_EQ(put("moderator", Role::Owner), ErrorCode::Forbidden);
  EXPECT_EQ(put("outsider", Role::Member), std::nullopt);
  EXPECT_EQ(put("outsider", Role::Reader), std::nullopt);
  EXPECT_EQ(put("member", Role::Reader), std::nullopt);
}

TEST(PutMember, LetsMembersAndReadersRaiseNobody) {
  Cast cast;
  for (const Caller& caller : {cast.member, cast.reader}) {
    for (const std::string name : {"outsider", "member", "reader", "moderator", "owner"}) {
      for (const Role role : {Role::Moderator, Role::Owner}) {
        EXPECT_EQ(code_of(cast.put(caller, cast.friends, name, role)), ErrorCode::Forbidden)
            << caller.name << " puts " << name;
      }
    }
    EXPECT_EQ(code_of(cast.put(caller, cast.friends, "outsider", Role::Reader)),
              ErrorCode::Forbidden);
  }
  EXPECT_EQ(code_of(cast.put(cast.reader, cast.friends, "reader", Role::Member)),
            ErrorCode::Forbidden);
  EXPECT_EQ(code_of(cast.put(cast.outsider, cast.friends, "outsider", Role::Member)),
            ErrorCode::UnknownGroup);
}

TEST(PutMember, LetsEverybodyStepDownButTheLastOwner) {
  Cast cast;
  EXPECT_TRUE(cast.put(cast.moderator, cast.friends, "moderator", Role::Member).has_value());
  EXPECT_EQ(code_of(cast.put(cast.moderator, cast.friends, "moderator", Role::Moderator)),
            ErrorCode::Forbidden);
  EXPECT_EQ(code_of(cast.put(cast.owner, cast.friends, "owner", Role::Moderator)),
            ErrorCode::LastOwner);
  ASSERT_TRUE(cast.put(cast.owner, cast.friends, "member", Role::Owner).has_value());
  EXPECT_TRUE(cast.put(cast.owner, cast.friends, "owner", Role::Moderator).has_value());
  EXPECT_EQ(code_of(cast.put(cast.owner, cast.friends, "owner", Role::Owner)),
            ErrorCode::Forbidden);
}

TEST(PutMember, ObeysBlocksAndWhomPeopleAccept) {
  Cast cast;
  const Caller shy = cast.person("shy");
  ASSERT_TRUE(block_on(cast.worker.blocks.put(cast.outsider, "owner")).has_value());
  EXPECT_EQ(code_of(cast.put(cast.owner, cast.friends, "outsider", Role::Member)),
            ErrorCode::NotAccepted);
  EXPECT_TRUE(cast.put(cast.moderator, cast.friends, "outsider", Role::Member).has_value());
  // Once they are in, a role is no invitation.
  EXPECT_TRUE(cast.put(cast.owner, cast.friends, "outsider", Role::Reader).has_value());
  ProfilePatch nobody;
  nobody.accepts_direct = false;
  ASSERT_TRUE(block_on(cast.worker.profiles.patch(shy, nobody)).has_value());
  EXPECT_EQ(code_of(cast.put(cast.owner, cast.friends, "shy", Role::Member)),
            ErrorCode::NotAccepted);
  EXPECT_EQ(code_of(cast.put(cast.owner, cast.friends, "nobody", Role::Member)),
            ErrorCode::UnknownUser);
}

TEST(PutMember, BringsNobodyBackWhoLeavesAtTheSameTimeAndWantsNoInvitation) {
  Cast cast;
  cast.groups.member_rival = [&] {
    ASSERT_TRUE(block_on(cast.worker.blocks.put(cast.member, "owner")).has_value());
    ASSERT_TRUE(cast.remove(cast.member, cast.friends, "member").has_value());
  };
  EXPECT_EQ(code_of(cast.put(cast.owner, cast.friends, "member", Role::Moderator)),
            ErrorCode::NotAccepted);
  EXPECT_EQ(cast.role_of(cast.friends, cast.member), Role::None);
}

TEST(PutMember, TakesNoRightsThatSomebodyIsGivenAtTheSameTime) {
  Cast cast;
  cast.groups.member_rival = [&] {
    ASSERT_TRUE(cast.put(cast.owner, cast.friends, "member", Role::Owner).has_value());
  };
  EXPECT_EQ(code_of(cast.put(cast.moderator, cast.friends, "member", Role::Reader)),
            ErrorCode::Forbidden);
  EXPECT_EQ(cast.role_of(cast.friends, cast.member), Role::Owner);
}

TEST(PutMember, LeavesAnOwnerWhenTwoStepDownAtTheSameTime) {
  Cast cast;
  ASSERT_TRUE(cast.put(cast.owner, cast.friends, "moderator", Role::Owner).has_value());
  cast.groups.member_rival = [&] {
    ASSERT_TRUE(cast.put(cast.moderator, cast.friends, "moderator", Role::Reader).has_value());
  };
  const auto stepped = cast.put(cast.owner, cast.friends, "owner", Role::Member);
  ASSERT_TRUE(stepped.has_value());
  EXPECT_EQ(stepped->role, cast.role_of(cast.friends, cast.owner));
  EXPECT_TRUE(block_on(cast.worker.ownership.has_other_owner(cast.friends, {})).value());
  EXPECT_EQ(cast.role_of(cast.friends, cast.moderator), Role::Reader);
}

TEST(PutMember, KeepsWhenSomebodyJoinedUntilTheyComeBack) {
  Cast cast;
  const auto joined_at = [&] {
    return block_on(cast.groups.find_member(cast.friends, cast.member.user)).value()->joined_at;
  };
  const Time start = joined_at();
  cast.clock.advance(seconds(10));
  ASSERT_TRUE(cast.put(cast.owner, cast.friends, "member", Role::Moderator).has_value());
  EXPECT_EQ(joined_at(), start);
  ASSERT_TRUE(cast.remove(cast.owner, cast.friends, "member").has_value());
  cast.clock.advance(seconds(10));
  ASSERT_TRUE(cast.put(cast.owner, cast.friends, "member", Role::Member).has_value());
  EXPECT_EQ(joined_at(), start + seconds(20));
}

TEST(RemoveMember, IsAllowedByRole) {
  Cast cast;
  EXPECT_EQ(code_of(cast.remove(cast.member, cast.friends, "reader")), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(cast.remove(cast.reader, cast.friends, "member")), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(cast.remove(cast.moderator, cast.friends, "owner")), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(cast.remove(cast.outsider, cast.friends, "member")), ErrorCode::UnknownGroup);
  EXPECT_EQ(code_of(cast.remove(cast.owner, cast.friends, "nobody")), ErrorCode::UnknownUser);
  EXPECT_TRUE(cast.remove(cast.moderator, cast.friends, "member").has_value());
  EXPECT_TRUE(cast.remove(cast.moderator, cast.friends, "member").has_value());
  EXPECT_TRUE(cast.remove(cast.moderator, cast.friends, "reader").has_value());
  EXPECT_TRUE(cast.remove(cast.owner, cast.friends, "moderator").has_value());
  EXPECT_EQ(cast.size_of(cast.friends), 1U);
  EXPECT_EQ(code_of(block_on(cast.worker.groups.find(cast.member, cast.friends))),
            ErrorCode::UnknownGroup);
}

TEST(RemoveMember, SparesWhoeverIsMadeAnOwnerAtTheSameTime) {
  Cast cast;
  cast.groups.member_rival = [&] {
    ASSERT_TRUE(cast.put(cast.owner, cast.friends, "member", Role::Owner).has_value());
  };
  EXPECT_EQ(code_of(cast.remove(cast.moderator, cast.friends, "member")), ErrorCode::Forbidden);
  EXPECT_EQ(cast.role_of(cast.friends, cast.member), Role::Owner);
}

TEST(RemoveMember, LetsEverybodyLeaveTwice) {
  Cast cast;
  for (const Caller& caller : {cast.moderator, cast.member, cast.reader}) {
    EXPECT_TRUE(cast.remove(caller, cast.friends, caller.name).has_value());
    EXPECT_TRUE(cast.remove(caller, cast.friends, caller.name).has_value());
  }
  EXPECT_EQ(code_of(cast.remove(cast.outsider, cast.friends, "outsider")), ErrorCode::UnknownGroup);
}

TEST(RemoveMember, KeepsTheLastOwnerWhileOthersStay) {
  Cast cast;
  EXPECT_EQ(code_of(cast.remove(cast.owner, cast.friends, "owner")), ErrorCode::LastOwner);
  ASSERT_TRUE(cast.put(cast.owner, cast.friends, "moderator", Role::Owner).has_value());
  EXPECT_TRUE(cast.remove(cast.owner, cast.friends, "owner").has_value());
  EXPECT_TRUE(cast.remove(cast.moderator, cast.friends, "member").has_value());
  EXPECT_TRUE(cast.remove(cast.moderator, cast.friends, "reader").has_value());
  EXPECT_TRUE(cast.remove(cast.moderator, cast.friends, "moderator").has_value());
  EXPECT_EQ(cast.size_of(cast.friends), 0U);
}

TEST(RemoveMember, IsSeenByOtherWorkersWithinFiveSeconds) {
  Cast cast;
  PeopleWorker other(cast);
  ASSERT_TRUE(block_on(other.directory.standing(cast.friends, cast.member.user)).has_value());
  ASSERT_TRUE(cast.remove(cast.owner, cast.friends, "member").has_value());
  cast.clock.advance(seconds(4));
  EXPECT_EQ(code_of(block_on(other.directory.standing(cast.friends, cast.member.user))),
            ErrorCode::UnknownGroup);
}

TEST(JoinGroup, IsForPublicGroups) {
  Cast cast;
  const auto join = [&](const Caller& caller) {
    return block_on(cast.worker.members.join(caller, cast.friends));
  };
  EXPECT_EQ(code_of(join(cast.outsider)), ErrorCode::UnknownGroup);
  EXPECT_TRUE(join(cast.reader).has_value());  // is in already
  GroupPatch open;
  open.visibility = Visibility::Public;
  ASSERT_TRUE(block_on(cast.worker.groups.patch(cast.owner, cast.friends, open)).has_value());
  EXPECT_EQ(join(cast.outsider)->role, Role::Member);
  EXPECT_EQ(join(cast.outsider)->role, Role::Member);
  EXPECT_EQ(join(cast.reader)->role, Role::Reader);
  EXPECT_EQ(cast.size_of(cast.friends), 5U);
}

TEST(JoinGroup, MakesTheFirstInAnEmptyGroupItsOwner) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  NewGroup wanted;
  wanted.name = "square";
  wanted.visibility = Visibility::Public;
  const GroupId group = world.create(alice, wanted)->view.group.id;
  ASSERT_TRUE(world.remove(alice, group, "alice").has_value());
  EXPECT_EQ(block_on(world.worker.members.join(bob, group))->role, Role::Owner);
}

TEST(OwnerlessGroup, BelongsToItsEarliestModeratorElseMember) {
  Cast cast;
  const Caller later = cast.person("later");
  cast.clock.advance(seconds(1));
  ASSERT_TRUE(cast.put(cast.owner, cast.friends, "later", Role::Moderator).has_value());
  const auto lose_owner = [&](const Caller& who) {
    auto gone = block_on(cast.groups.find_member(cast.friends, who.user)).value().value();
    gone.role = Role::None;
    ASSERT_TRUE(block_on(cast.groups.compare_and_set_member(cast.friends, gone)).value());
    cast.clock.advance(seconds(60));
  };
  lose_owner(cast.owner);
  GroupPatch open;
  open.visibility = Visibility::Public;
  const auto patch = [&](const Caller& who) {
    return code_of(block_on(cast.worker.groups.patch(who, cast.friends, open)));
  };
  EXPECT_EQ(patch(later), ErrorCode::Forbidden);
  EXPECT_EQ(cast.role_of(cast.friends, cast.moderator), Role::Owner);
  EXPECT_EQ(patch(cast.moderator), std::nullopt);
  lose_owner(later);
  lose_owner(cast.moderator);
  EXPECT_EQ(patch(cast.member), std::nullopt);
  EXPECT_EQ(cast.role_of(cast.friends, cast.member), Role::Owner);
}

// As if the worker had died between the two.
TEST(Members, AreToldOfByARepeatOfACallThatStoredThemAndBrokeOff) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId group = world.group(alice);
  const auto store = [&](Role role) {
    const auto before = block_on(world.groups.find_member(group, bob.user)).value();
    Member member = before.value_or(Member{});
    member.user = bob.user;
    member.role = role;
    member.changed_at = world.clock.now();
    ASSERT_TRUE(block_on(world.groups.compare_and_set_member(group, member)).value());
  };
  EXPECT_TRUE(takes_mark(world));  // that it was made
  store(Role::Member);
  EXPECT_TRUE(world.put(alice, group, "bob", Role::Member).has_value());
  EXPECT_TRUE(takes_mark(world));
  store(Role::None);
  EXPECT_TRUE(world.remove(alice, group, "bob").has_value());
  EXPECT_TRUE(takes_mark(world));
  world.clock.advance(seconds(60));
  EXPECT_TRUE(world.remove(alice, group, "bob").has_value());
  EXPECT_FALSE(takes_mark(world));
}

TEST(Push, EndsAboveAHundredMembersAndReturnsBelowNinety) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  const auto add = [&](int number) {
    const std::string name = "p" + std::to_string(number);
    world.person(name);
    ASSERT_TRUE(world.put(alice, group, name, Role::Member).has_value());
  };
  for (int i = 2; i <= 100; ++i) add(i);
  EXPECT_EQ(world.size_of(group), 100U);
  EXPECT_TRUE(world.stored(group).push);
  world.clock.advance(seconds(10));
  add(101);
  EXPECT_FALSE(world.stored(group).push);
  EXPECT_EQ(world.stored(group).push_changed_at, world.clock.now());
  EXPECT_FALSE(block_on(world.worker.groups.find(alice, group))->group.push);

  int left = 101;
  while (left > 90) {
    ASSERT_TRUE(world.remove(alice, group, "p" + std::to_string(left)).has_value());
    --left;
  }
  EXPECT_FALSE(world.stored(group).push);
  world.clock.advance(seconds(10));
  ASSERT_TRUE(world.remove(alice, group, "p90").has_value());
  EXPECT_EQ(world.size_of(group), 89U);
  EXPECT_TRUE(world.stored(group).push);
  EXPECT_EQ(world.stored(group).push_changed_at, world.clock.now());
}

// Whoever is connected would be looked up for nothing; but the end of a group is for all of them.
TEST(Push, EndsTheTellingOfChangesButNotOfTheEnd) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId id = world.group(alice);
  Group group = world.stored(id);
  group.push = false;
  group.push_changed_at = world.clock.now();
  ASSERT_TRUE(block_on(world.groups.compare_and_set(group)).value());
  EXPECT_TRUE(takes_mark(world));  // that it was made
  world.clock.advance(seconds(60));
  GroupPatch patch;
  patch.name = "all of us";
  ASSERT_TRUE(block_on(world.worker.groups.patch(alice, id, patch)).has_value());
  EXPECT_FALSE(takes_mark(world));
  ASSERT_TRUE(block_on(world.worker.groups.remove(alice, id)).has_value());
  EXPECT_TRUE(takes_mark(world));
}

TEST(Push, FollowsThoseWhoComeWhileItReturns) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const GroupId group = world.group(alice);
  const auto name_of = [](int number) { return "p" + std::to_string(number); };
  const auto add = [&](int number) {
    ASSERT_TRUE(world.put(alice, group, name_of(number), Role::Member).has_value());
  };
  for (int i = 2; i <= 102; ++i) world.person(name_of(i));
  for (int i = 2; i <= 101; ++i) add(i);
  for (int i = 101; i > 90; --i) {
    ASSERT_TRUE(world.remove(alice, group, name_of(i)).has_value());
  }
  ASSERT_FALSE(world.stored(group).push);
  // Eighty-nine are left, so members are to be told again; but before that is stored, a hundred and
  // one are in.
  world.groups.group_rival = [&] {
    for (int i = 90; i <= 101; ++i) add(i);
  };
  ASSERT_TRUE(world.remove(alice, group, "p90").has_value());
  EXPECT_EQ(world.size_of(group), 101U);
  EXPECT_FALSE(world.stored(group).push);
}

TEST(MemberChange, CountsAsAChangeForStatusAndMembers) {
  Cast cast;
  cast.clock.advance(seconds(10));
  EXPECT_EQ(block_on(cast.queue.claim(10, milliseconds(0))).value().size(), 1U);
  ASSERT_TRUE(cast.remove(cast.owner, cast.friends, "member").has_value());
  EXPECT_EQ(block_on(cast.worker.groups.find(cast.owner, cast.friends))->last_updated,
            cast.clock.now());
  cast.clock.advance(seconds(1));
  EXPECT_EQ(block_on(cast.queue.claim(10, milliseconds(0))).value().size(), 1U);
}

}  // namespace
}  // namespace tidings
