#include "adapters/cassandra/group_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "adapters/cassandra/test_keyspace.h"
#include "ports/test_values.h"

namespace tidings::cassandra {
namespace {

using contract::kStart;
using contract::succeed;
using contract::value_of;

// A worker, and beside it the two tables, to stop between their writes where a crash would.
class CassandraGroups : public testing::Test {
 protected:
  CassandraGroups() : members_(keyspace_.session(), clock_), index_(keyspace_.session(), clock_) {
    EXPECT_TRUE(members_.prepare().has_value());
    EXPECT_TRUE(index_.prepare().has_value());
  }

  static Member member(UserId user, Role role = Role::Member) {
    return {user, "someone", role, kStart, kStart};
  }
  // The same with the version that is stored then.
  Member put(Member who) { return put(*store_, std::move(who)); }
  Member put(CassandraGroupStore& store, Member who) {
    EXPECT_TRUE(value_of(store.compare_and_set_member(group_, who)));
    ++who.version;
    return who;
  }
  void store_only_the_member(const Member& who) {
    const auto place = value_of(members_.locate(group_, who.user));
    EXPECT_TRUE(value_of(members_.store(group_, who, place)));
  }
  std::vector<Membership> groups_of(UserId user) {
    return value_of(store_->groups_of(user, {}, 10));
  }
  bool is_settled(UserId user) {
    const auto entries = value_of(index_.page(user, {}, 10));
    return entries.size() == 1 && entries[0].settled.has_value();
  }
  std::vector<Member> page(UserId after, std::size_t limit) {
    return value_of(store_->members(group_, after, limit, Time::max()));
  }
  // As if a thousand had come and gone: whoever comes now is put into the other shards.
  void close_first_shard() {
    keyspace_.run("UPDATE group_members SET rows = 1000 WHERE shard = 0 AND group_id = " +
                  group_.to_string());
  }
  std::size_t rows_of(UserId user) {
    std::size_t rows = 0;
    for (const int shard : {0, 1 + user.value.bytes[0]}) {
      rows += keyspace_
                  .run("SELECT version FROM group_members WHERE group_id = " + group_.to_string() +
                       " AND shard = " + std::to_string(shard) +
                       " AND user_id = " + blob_literal(user.value))
                  .size();
    }
    return rows;
  }

  TestKeyspace& keyspace_ = TestKeyspace::shared();
  ShiftedClock clock_;
  std::unique_ptr<CassandraGroupStore> store_ = open_on<CassandraGroupStore>(keyspace_, clock_);
  MemberTable members_;
  MembershipIndex index_;
  const GroupId group_{Uuid::v4()};
  const UserId bob_{Uuid::v4()};
};

TEST_F(CassandraGroups, ForgetsAnAttemptThatCrashedBeforeItMadeAMember) {
  succeed(index_.ask(bob_, group_, 1));
  EXPECT_EQ(groups_of(bob_), std::vector<Membership>{});
  EXPECT_EQ(value_of(store_->find_member(group_, bob_)), std::nullopt);
  put(member(bob_));
  EXPECT_EQ(groups_of(bob_).size(), 1u);
}

TEST_F(CassandraGroups, KeepsAMemberWhoseChangeCrashedBeforeItWasMade) {
  const Member before = put(member(bob_, Role::Moderator));
  succeed(index_.ask(bob_, group_, 2));
  ASSERT_EQ(groups_of(bob_).size(), 1u);
  EXPECT_EQ(groups_of(bob_)[0].role, Role::Moderator);
  // Nobody knows whether the change is still to come, so whoever read it did not settle it.
  EXPECT_FALSE(is_settled(bob_));
  Member after = before;
  after.role = Role::None;
  put(after);
  EXPECT_EQ(groups_of(bob_)[0].role, Role::None);
  EXPECT_TRUE(is_settled(bob_));
}

TEST_F(CassandraGroups, SaysWhatTheMemberIsWhenACrashLeftTheIndexAQuestion) {
  Member who = put(member(bob_));
  succeed(index_.ask(bob_, group_, 2));
  who.role = Role::None;
  who.changed_at = kStart + seconds(9);
  store_only_the_member(who);
  EXPECT_FALSE(is_settled(bob_));
  const Membership gone{group_, Role::None, kStart, kStart + seconds(9)};
  EXPECT_EQ(groups_of(bob_), std::vector{gone});
  EXPECT_TRUE(is_settled(bob_));  // by who read it
  EXPECT_EQ(groups_of(bob_), std::vector{gone});
}

TEST_F(CassandraGroups, LetsNoQuestionThatComesLateHideTheAnswer) {
  put(member(bob_));
  succeed(index_.ask(bob_, group_, 1));
  EXPECT_TRUE(is_settled(bob_));
}

TEST_F(CassandraGroups, LetsNoAnswerToAnOldQuestionHideANewOne) {
  const Member before = put(member(bob_));
  Member after = before;
  after.role = Role::Owner;
  succeed(index_.ask(bob_, group_, 2));
  store_only_the_member(after);
  succeed(index_.settle(group_, before));  // of somebody who read the member a while ago
  EXPECT_FALSE(is_settled(bob_));
  EXPECT_EQ(groups_of(bob_).at(0).role, Role::Owner);
}

TEST_F(CassandraGroups, SaysWhatTheWinnerStoredWhenBothWhoRacedHaveCrashed) {
  Member who = put(member(bob_));
  succeed(index_.ask(bob_, group_, 2));
  succeed(index_.ask(bob_, group_, 2));
  who.role = Role::Reader;
  store_only_the_member(who);
  Member loser = who;
  loser.role = Role::None;
  EXPECT_FALSE(value_of(store_->compare_and_set_member(group_, loser)));
  EXPECT_EQ(groups_of(bob_).at(0).role, Role::Reader);
}

TEST_F(CassandraGroups, FillsAPageOfGroupsThoughAttemptsWereLeftBehind) {
  for (int i = 0; i < 5; ++i) {
    GroupId never{Uuid::v4()};
    never.value.bytes[0] = 0;
    succeed(index_.ask(bob_, never, 1));
  }
  GroupId last = group_;
  last.value.bytes[0] = 0xFF;
  EXPECT_TRUE(value_of(store_->compare_and_set_member(last, member(bob_))));
  const auto groups = value_of(store_->groups_of(bob_, {}, 2));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].group, last);
}

// A uuid column would order them by their version first.
TEST_F(CassandraGroups, ListsGroupsOfAllKindsInTheOrderOfTheirBytes) {
  std::vector<GroupId> ids;
  for (const UserId other : {UserId{Uuid::v4()}, UserId{Uuid::v4()}, UserId{Uuid::v4()}}) {
    ids.push_back(direct_group_id(bob_, other));
    ids.push_back(GroupId{Uuid::v4()});
  }
  for (const GroupId id : ids) {
    EXPECT_TRUE(value_of(store_->compare_and_set_member(id, member(bob_))));
  }
  std::ranges::sort(ids);
  std::vector<GroupId> listed;
  for (GroupId after;;) {
    const auto some = value_of(store_->groups_of(bob_, after, 2));
    for (const auto& each : some) listed.push_back(each.group);
    if (some.size() < 2) break;
    after = some.back().group;
  }
  EXPECT_EQ(listed, ids);
}

TEST_F(CassandraGroups, MergesTheShardsOfALargeGroupInTheOrderOfUsers) {
  std::vector<UserId> users;
  for (int i = 0; i < 40; ++i) users.push_back(UserId{Uuid::v4()});
  for (int i = 0; i < 30; ++i) {  // many in one shard
    users.push_back(UserId{Uuid::v4()});
    users.back().value.bytes[0] = 7;
  }
  std::vector<Member> expected;
  for (std::size_t i = 0; i < users.size(); ++i) {
    if (i == 20) close_first_shard();
    Member who = put(member(users[i]));
    if (i % 4 == 3) {
      who.role = Role::None;
      put(who);
    } else {
      expected.push_back(who);
    }
  }
  EXPECT_EQ(value_of(store_->count_members(group_)), expected.size());
  std::ranges::sort(expected, {}, &Member::user);
  for (const std::size_t limit : {1, 7, 200}) {
    std::vector<Member> paged;
    UserId after;
    for (;;) {
      const auto some = page(after, limit);
      EXPECT_LE(some.size(), limit);
      if (some.empty()) break;
      paged.insert(paged.end(), some.begin(), some.end());
      after = some.back().user;
    }
    EXPECT_EQ(paged, expected) << limit;
  }
  for (const UserId user : users) {
    EXPECT_EQ(rows_of(user), 1u);
    EXPECT_TRUE(value_of(store_->find_member(group_, user)).has_value());
  }
}

TEST_F(CassandraGroups, ReadsPastAFullPageOfThoseWhoLeftALargeGroup) {
  put(member(bob_));
  close_first_shard();
  Member last;
  for (int i = 0; i < 110; ++i) {  // more rows than are read at once
    UserId user{Uuid::v4()};
    user.value.bytes[0] = 0xFE;
    user.value.bytes[1] = static_cast<std::uint8_t>(i);
    last = put(member(user, i < 109 ? Role::None : Role::Member));
  }
  UserId after;
  after.value.bytes[0] = 0xFE;
  EXPECT_EQ(page(after, 1), std::vector{last});
}

TEST_F(CassandraGroups, GivesEachOneRowThoughTheFirstShardIsClosedInTheMiddleOfARace) {
  put(member(bob_));
  keyspace_.run("UPDATE group_members SET rows = 995 WHERE shard = 0 AND group_id = " +
                group_.to_string());
  std::vector<UserId> users;
  for (int i = 0; i < 10; ++i) users.push_back(UserId{Uuid::v4()});
  std::vector<std::atomic<int>> stored(users.size());
  std::vector<std::jthread> workers;
  for (int t = 0; t < 4; ++t) {
    workers.emplace_back([&] {
      for (std::size_t i = 0; i < users.size(); ++i) {
        const auto done = block_on(store_->compare_and_set_member(group_, member(users[i])));
        if (done && *done) ++stored[i];
      }
    });
  }
  workers.clear();
  for (std::size_t i = 0; i < users.size(); ++i) {
    EXPECT_EQ(stored[i], 1) << i;
    EXPECT_EQ(rows_of(users[i]), 1u);
  }
  const auto first = keyspace_.run(
      "SELECT rows, size FROM group_members WHERE shard = 0 AND "
      "group_id = " +
      group_.to_string() + " LIMIT 1");
  EXPECT_EQ(first[0].int32(0), 1'000);
  EXPECT_EQ(first[0].int32(1), 6);
  EXPECT_EQ(value_of(store_->count_members(group_)), users.size() + 1);
}

TEST_F(CassandraGroups, CountsWhatAnotherWorkerDidToALargeGroupAfterFiveSeconds) {
  const auto other = open_on<CassandraGroupStore>(keyspace_, clock_);
  put(member(bob_));
  close_first_shard();
  put(member(UserId{Uuid::v4()}));
  EXPECT_EQ(value_of(other->count_members(group_)), 2u);
  put(*store_, member(UserId{Uuid::v4()}));
  EXPECT_EQ(value_of(store_->count_members(group_)), 3u);
  clock_.shift += seconds(6);
  EXPECT_EQ(value_of(other->count_members(group_)), 3u);
}

// A transaction that times out may have been applied, or be finished by a later one.
TEST_F(CassandraGroups, AgreesWithItselfAfterATransactionWhoseOutcomeNobodyKnows) {
  Member who = put(member(bob_));
  who.role = Role::Moderator;
  TestCassandra::node().pause();
  const auto unknown = block_on(store_->compare_and_set_member(group_, who));
  TestCassandra::node().resume();
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::Unavailable);

  // Whoever tries again with the same version either does it now or finds it done.
  static_cast<void>(value_of(store_->compare_and_set_member(group_, who)));
  const auto now = value_of(store_->find_member(group_, bob_));
  ASSERT_TRUE(now.has_value());
  EXPECT_EQ(now->role, Role::Moderator);
  EXPECT_EQ(now->version, 2u);
  EXPECT_EQ(groups_of(bob_).at(0).role, Role::Moderator);
  EXPECT_EQ(value_of(store_->count_members(group_)), 1u);
}

TEST_F(CassandraGroups, ReadsOnePartitionToFindAMemberAndOneToCountASmallGroup) {
  put(member(bob_));
  const auto before = keyspace_.session().stats().executed;
  value_of(store_->find_member(group_, bob_));
  EXPECT_EQ(keyspace_.session().stats().executed - before, 1u);
  value_of(store_->count_members(group_));
  EXPECT_EQ(keyspace_.session().stats().executed - before, 2u);
  value_of(store_->groups_of(bob_, {}, 50));
  EXPECT_EQ(keyspace_.session().stats().executed - before, 3u);
  put(member(UserId{Uuid::v4()}));
  EXPECT_EQ(keyspace_.session().stats().executed - before, 8u);
}

}  // namespace
}  // namespace tidings::cassandra
