#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ports/group_store.h"
#include "ports/test_values.h"

// What every GroupStore must do. See message_store_contract.h for how it is instantiated and what
// it does not assume.
namespace tidings::contract {

using MakeGroupStore = std::function<std::shared_ptr<GroupStore>()>;

class GroupStoreContract : public testing::TestWithParam<MakeGroupStore> {
 protected:
  const std::shared_ptr<GroupStore> store = GetParam()();
  const GroupId group = new_group_id();
  const UserId alice = new_user_id();
  const UserId bob = new_user_id();

  Group plain_group(std::string name = "friends") const {
    Group made;
    made.id = group;
    made.name = std::move(name);
    made.created_at = kStart;
    made.created_by = alice;
    return made;
  }
  static Member member(UserId user, Role role = Role::Member, Time at = kStart) {
    return {user, "someone", role, at, at};
  }
  // Stores a member whatever was stored before, and returns them as they are stored now.
  Member put(const Member& who) { return put(group, who); }
  Member put(GroupId in, Member who) {
    const auto before = value_of(store->find_member(in, who.user));
    who.version = before ? before->version : 0;
    EXPECT_TRUE(value_of(store->compare_and_set_member(in, who)));
    ++who.version;
    return who;
  }

  std::optional<Group> found() { return value_of(store->find(group)); }
  std::optional<Member> found_member(UserId user) {
    return value_of(store->find_member(group, user));
  }
  std::vector<Member> members(UserId after = {}, std::size_t limit = 100) {
    return value_of(store->members(group, after, limit, Time::max()));
  }
  std::size_t count() { return value_of(store->count_members(group)); }
  std::vector<Membership> groups_of(UserId user, GroupId after = {}, std::size_t limit = 100) {
    return value_of(store->groups_of(user, after, limit));
  }
};

TEST_P(GroupStoreContract, ReturnsAGroupWithEveryFieldAsItWasStored) {
  Group every = plain_group("Familie 👩‍👩‍👧, 家\n\"x\"");
  every.kind = GroupKind::Direct;
  every.description = std::string(4'000, 'd');
  every.metadata = R"({"a":[1,{"b":null}]})";
  every.visibility = Visibility::Public;
  every.history = HistoryRule::SinceJoined;
  every.post = PostRule::Moderators;
  every.push = false;
  every.push_changed_at = kStart + milliseconds(1);
  every.created_at = kStart + milliseconds(2);
  every.deleted_at = kStart + milliseconds(3);
  every.version = 7;
  for (int i = 0; i < 32; ++i) every.creation_digest.push_back(static_cast<char>(i * 9));
  EXPECT_EQ(value_of(store->create(every)), std::nullopt);
  EXPECT_EQ(found(), every);
}

TEST_P(GroupStoreContract, KnowsNoGroupThatWasNotStored) {
  EXPECT_EQ(found(), std::nullopt);
  EXPECT_EQ(found_member(alice), std::nullopt);
  EXPECT_EQ(members(), std::vector<Member>{});
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(groups_of(alice), std::vector<Membership>{});
}

TEST_P(GroupStoreContract, LeavesAGroupThatIsThereUnchanged) {
  const Group first = plain_group("first");
  EXPECT_EQ(value_of(store->create(first)), std::nullopt);
  EXPECT_EQ(value_of(store->create(first)), first);
  EXPECT_EQ(value_of(store->create(plain_group("second"))), first);
  EXPECT_EQ(found(), first);
}

TEST_P(GroupStoreContract, HoldsOneOfTheGroupsThatRaceForAnId) {
  std::vector<std::optional<Group>> earlier(4);
  std::vector<std::jthread> creators;
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    creators.emplace_back([this, i, &result = earlier[i]] {
      result = value_of(store->create(plain_group("offer " + std::to_string(i))));
    });
  }
  creators.clear();
  const auto holder = found();
  ASSERT_TRUE(holder.has_value());
  EXPECT_TRUE(holder->name.starts_with("offer "));
  EXPECT_TRUE(std::ranges::any_of(earlier, [](const auto& each) { return !each; }));
  for (const auto& each : earlier) EXPECT_EQ(each.value_or(*holder), *holder);
}

TEST_P(GroupStoreContract, SetsAsAWholeAGroupWhoseVersionIsStillTheSame) {
  Group changed = plain_group();
  changed.description = "to be forgotten";
  EXPECT_EQ(value_of(store->create(changed)), std::nullopt);
  changed.name = "enemies";
  changed.description.clear();
  changed.push = false;
  changed.push_changed_at = kStart + seconds(9);
  changed.deleted_at = kStart + seconds(9);
  EXPECT_TRUE(value_of(store->compare_and_set(changed)));
  ++changed.version;
  EXPECT_EQ(found(), changed);
}

TEST_P(GroupStoreContract, SetsNoGroupWhoseVersionIsAnother) {
  EXPECT_FALSE(value_of(store->compare_and_set(plain_group())));
  EXPECT_EQ(found(), std::nullopt);
  const Group first = plain_group("first");
  EXPECT_EQ(value_of(store->create(first)), std::nullopt);
  Group second = plain_group("second");
  EXPECT_TRUE(value_of(store->compare_and_set(second)));
  EXPECT_FALSE(value_of(store->compare_and_set(plain_group("third"))));
  Group ahead = plain_group("fourth");
  ahead.version = 2;
  EXPECT_FALSE(value_of(store->compare_and_set(ahead)));
  ++second.version;
  EXPECT_EQ(found(), second);
}

TEST_P(GroupStoreContract, LosesNoneOfTheChangesThatRaceForAGroup) {
  EXPECT_EQ(value_of(store->create(plain_group(""))), std::nullopt);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int stored = 0; stored < 25;) {
        Group now = *found();
        now.description.push_back(static_cast<char>('a' + t));
        if (value_of(store->compare_and_set(std::move(now)))) ++stored;
      }
    });
  }
  threads.clear();
  const Group last = *found();
  for (const char each : {'a', 'b', 'c', 'd'}) {
    EXPECT_EQ(std::ranges::count(last.description, each), 25) << each;
  }
  EXPECT_EQ(last.version, 100u);
}

TEST_P(GroupStoreContract, ReturnsAMemberWithEveryFieldAsItWasStored) {
  for (const Role role : {Role::Reader, Role::Member, Role::Moderator, Role::Owner, Role::None}) {
    const Member who =
        put({alice, "alice.b_c-d", role, kStart + milliseconds(1), kStart + seconds(2)});
    EXPECT_EQ(found_member(alice), who);
    const Membership same{group, role, who.joined_at, who.changed_at};
    EXPECT_EQ(groups_of(alice), std::vector{same});
  }
}

TEST_P(GroupStoreContract, SetsNoMemberWhoseVersionIsAnother) {
  Member unknown = member(bob);
  unknown.version = 1;
  EXPECT_FALSE(value_of(store->compare_and_set_member(group, unknown)));
  EXPECT_EQ(found_member(bob), std::nullopt);
  EXPECT_EQ(groups_of(bob), std::vector<Membership>{});
  put(member(bob));
  const Member gone = put(member(bob, Role::None));
  for (const std::uint64_t version : {0, 1, 3}) {
    Member stale = member(bob, Role::Moderator);
    stale.version = version;
    EXPECT_FALSE(value_of(store->compare_and_set_member(group, stale))) << version;
  }
  EXPECT_EQ(found_member(bob), gone);
  EXPECT_EQ(groups_of(bob).at(0).role, Role::None);
  EXPECT_EQ(count(), 0u);
}

TEST_P(GroupStoreContract, HoldsOneOfTheRolesThatRaceForAMember) {
  put(member(bob, Role::Reader));
  const std::vector<Role> roles{Role::None, Role::Member, Role::Moderator, Role::Owner};
  std::vector<char> stored(roles.size(), 0);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    threads.emplace_back([this, role = roles[i], &mine = stored[i]] {
      Member wanted = member(bob, role);
      wanted.version = 1;
      mine = value_of(store->compare_and_set_member(group, wanted)) ? 1 : 0;
    });
  }
  threads.clear();
  ASSERT_EQ(std::ranges::count(stored, 1), 1);
  const auto winner = static_cast<std::size_t>(std::ranges::find(stored, 1) - stored.begin());
  EXPECT_EQ(found_member(bob)->role, roles[winner]);
  EXPECT_EQ(groups_of(bob).at(0).role, roles[winner]);
  EXPECT_EQ(count(), roles[winner] == Role::None ? 0u : 1u);
}

TEST_P(GroupStoreContract, ListsThoseWhoAreInIt) {
  const Member owner = put(member(alice, Role::Owner));
  put(member(bob));
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(members().size(), 2u);
  const Member gone = put(member(bob, Role::None, kStart + seconds(1)));
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(members(), std::vector{owner});
  EXPECT_EQ(found_member(bob), gone);
  EXPECT_EQ(value_of(store->members(group, {}, 10, gone.changed_at)).size(), 2u);
  EXPECT_EQ(value_of(store->members(group, {}, 10, gone.changed_at + milliseconds(1))),
            std::vector{owner});
}

TEST_P(GroupStoreContract, CountsSomebodyOnceHoweverOftenTheyComeAndGo) {
  for (int i = 0; i < 3; ++i) {
    put(member(bob));
    put(member(bob, Role::Moderator));
    EXPECT_EQ(count(), 1u);
    put(member(bob, Role::None));
    put(member(bob, Role::None));
    EXPECT_EQ(count(), 0u);
  }
  const Member again = put(member(bob, Role::Reader, kStart + seconds(60)));
  EXPECT_EQ(found_member(bob), again);
  EXPECT_EQ(members(), std::vector{again});
  EXPECT_EQ(groups_of(bob).at(0).joined_at, again.joined_at);
}

TEST_P(GroupStoreContract, CountsNobodyWhoWasRemovedWithoutHavingBeenIn) {
  const Member gone = put(member(bob, Role::None));
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(found_member(bob), gone);
}

// A store may lay out groups of more than a thousand another way.
TEST_P(GroupStoreContract, PagesThroughMoreThanAThousandMembersByUser) {
  std::map<UserId, Member> in;
  for (int i = 0; i < 1'100; ++i) {
    const UserId user = new_user_id();
    const Member who = put(member(user, i % 10 == 0 ? Role::None : Role::Member));
    if (i % 10 != 0) in.emplace(user, who);
  }
  std::vector<Member> expected;
  for (const auto& [user, who] : in) expected.push_back(who);
  std::vector<Member> paged;
  UserId after;
  for (;;) {
    const auto page = members(after, 150);
    EXPECT_LE(page.size(), 150u);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().user;
  }
  EXPECT_EQ(paged, expected);
  EXPECT_EQ(count(), expected.size());
  EXPECT_EQ(members({}, 1'000).size(), expected.size());
}

TEST_P(GroupStoreContract, FillsAPageThoughManyHaveLeft) {
  std::vector<UserId> users;
  for (int i = 0; i < 40; ++i) users.push_back(new_user_id());
  std::ranges::sort(users);
  std::vector<Member> stored;
  for (std::size_t i = 0; i < users.size(); ++i) {
    stored.push_back(put(member(users[i], i < 35 ? Role::None : Role::Member)));
  }
  EXPECT_EQ(members({}, 2), (std::vector{stored[35], stored[36]}));
  EXPECT_EQ(members(users[36], 10).size(), 3u);
}

TEST_P(GroupStoreContract, CountsEverybodyWhoIsPutByManyThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 25; ++i) put(member(new_user_id()));
    });
  }
  threads.clear();
  EXPECT_EQ(count(), 100u);
  EXPECT_EQ(members({}, 200).size(), 100u);
}

TEST_P(GroupStoreContract, PagesThroughTheGroupsThatSomebodyIsOrWasIn) {
  std::map<GroupId, Membership> all;
  for (int i = 0; i < 25; ++i) {
    const GroupId in = new_group_id();
    const Role role = i % 5 == 0 ? Role::None : Role::Member;
    put(in, member(bob, role, kStart + seconds(i)));
    put(in, member(alice));
    all.emplace(in, Membership{in, role, kStart + seconds(i), kStart + seconds(i)});
  }
  std::vector<Membership> expected;
  for (const auto& [in, membership] : all) expected.push_back(membership);
  std::vector<Membership> paged;
  GroupId after;
  for (;;) {
    const auto page = groups_of(bob, after, 10);
    EXPECT_LE(page.size(), 10u);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().group;
  }
  EXPECT_EQ(paged, expected);
}

TEST_P(GroupStoreContract, KeepsTwoGroupsApart) {
  const GroupId other = new_group_id();
  const Member owner = put(member(alice, Role::Owner));
  const Member stranger = put(other, member(bob));
  EXPECT_EQ(found_member(bob), std::nullopt);
  EXPECT_EQ(members(), std::vector{owner});
  EXPECT_EQ(value_of(store->find_member(other, alice)), std::nullopt);
  EXPECT_EQ(value_of(store->members(other, {}, 10, Time::max())), std::vector{stranger});
  EXPECT_EQ(value_of(store->count_members(other)), 1u);
  EXPECT_EQ(groups_of(alice).size(), 1u);
}

}  // namespace tidings::contract
