#include "adapters/cassandra/user_store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/cassandra/test_keyspace.h"
#include "ports/test_values.h"

namespace tidings::cassandra {
namespace {

using contract::kStart;
using contract::succeed;
using contract::value_of;

class CassandraUsers : public testing::Test {
 protected:
  User user(std::string name) {
    User made;
    made.id = UserId{Uuid::v4()};
    made.name = std::move(name);
    made.created_at = kStart;
    made.last_seen = kStart;
    return made;
  }
  User created(std::string name) {
    User made = user(std::move(name));
    EXPECT_EQ(value_of(store_->create(made)), std::nullopt);
    return made;
  }
  User set(User changed) {
    EXPECT_TRUE(value_of(store_->compare_and_set(changed)));
    ++changed.version;
    return changed;
  }
  void put_in_ended(UserId user) {
    keyspace_.run("INSERT INTO ended_users (shard, user_id) VALUES (" +
                  std::to_string(user.value.bytes[0] >> 4) + ", " + blob_literal(user.value) +
                  ") USING TIMESTAMP 3");
  }
  std::size_t entries_in_ended(UserId user) {
    return keyspace_
        .run("SELECT user_id FROM ended_users WHERE shard = " +
             std::to_string(user.value.bytes[0] >> 4) +
             " AND user_id = " + blob_literal(user.value))
        .size();
  }
  bool is_listed_as_ended(UserId user) {
    for (UserId after;;) {
      const auto page = value_of(store_->list_ended(after, 50));
      if (page.empty()) return false;
      for (const User& each : page) {
        if (each.id == user) return true;
      }
      after = page.back().id;
    }
  }

  TestKeyspace& keyspace_ = TestKeyspace::shared();
  std::unique_ptr<CassandraUserStore> store_ =
      open_on<CassandraUserStore>(keyspace_, keyspace_.clock());
  const std::string prefix_ = "t" + Uuid::v4().to_string().substr(0, 18);
};

TEST_F(CassandraUsers, ListsNoNameThatWasNeverClaimed) {
  const User alice = created(prefix_ + "a");
  // The process died before it could claim the name.
  keyspace_.run("INSERT INTO names_by_prefix (prefix, name) VALUES ('" + prefix_.substr(0, 4) +
                "', '" + prefix_ + "b')");
  const User carol = created(prefix_ + "c");
  EXPECT_EQ(value_of(store_->list(prefix_, 2)), (std::vector{alice, carol}));
  EXPECT_EQ(value_of(store_->find_by_name(prefix_ + "b")), std::nullopt);
  const User bob = created(prefix_ + "b");  // whoever comes next gets it
  EXPECT_EQ(value_of(store_->list(prefix_, 3)), (std::vector{alice, bob, carol}));
}

TEST_F(CassandraUsers, ListsShortNamesAndThoseOfOtherLettersInTheirPlace) {
  const std::string own = Uuid::v4().to_string().substr(0, 8);
  std::vector<User> expected;
  for (const std::string& name : {"zz" + own, "zzz" + own, std::string("zzzz") + own}) {
    expected.push_back(created(name));
  }
  const User first = created("zy" + own);
  const auto listed = value_of(store_->list("zy" + own, 1'000));
  std::vector<User> ours;
  for (const User& each : listed) {
    if (each.name.ends_with(own)) ours.push_back(each);
  }
  std::ranges::sort(expected, {}, &User::name);
  EXPECT_EQ(ours, expected);
  EXPECT_EQ(value_of(store_->list("zx" + own, 1)).at(0).name <= first.name, true);
  EXPECT_EQ(value_of(store_->list("~", 10)), std::vector<User>{});
}

TEST_F(CassandraUsers, FindsNobodyByTheIdOfWhoLostARaceForAName) {
  const User holder = created(prefix_);
  const User loser = user(prefix_);
  EXPECT_EQ(value_of(store_->create(loser)), holder);
  EXPECT_EQ(value_of(store_->find_by_name(prefix_)), holder);
}

TEST_F(CassandraUsers, LetsARepeatedSignUpUndoNoChange) {
  const User alice = created(prefix_);
  User changed = alice;
  changed.display_name = "Alice B.";
  changed = set(changed);
  succeed(store_->seen(alice.id, kStart + seconds(60)));
  changed.last_seen = kStart + seconds(60);
  EXPECT_EQ(value_of(store_->create(alice)), changed);
  EXPECT_EQ(value_of(store_->find(alice.id)), changed);
}

TEST_F(CassandraUsers, ReadsARowThatIsOlderThanTheAdminRoleAsWithoutIt) {
  const User alice = created(prefix_);
  keyspace_.run("DELETE admin FROM users WHERE user_id = " + alice.id.to_string() +
                " IF version = 0");
  EXPECT_EQ(value_of(store_->find(alice.id)), alice);
  User admin = alice;
  admin.admin = true;
  admin = set(admin);
  EXPECT_EQ(value_of(store_->find(alice.id)), admin);
}

TEST_F(CassandraUsers, ListsNobodyWhoseEndCrashedBeforeItWasStored) {
  const User alice = created(prefix_);
  put_in_ended(alice.id);
  EXPECT_FALSE(is_listed_as_ended(alice.id));
  User ended = alice;
  ended.ended_at = kStart + seconds(1);
  set(ended);
  EXPECT_TRUE(is_listed_as_ended(alice.id));
}

TEST_F(CassandraUsers, RemovesTheEntryThatACrashLeftOfWhoWasErased) {
  User alice = created(prefix_);
  alice.ended_at = kStart + seconds(1);
  alice = set(alice);
  alice.erased = true;
  // The process died after it had said so, and before it could remove the entry.
  keyspace_.run("UPDATE users SET erased = true, version = 2 WHERE user_id = " +
                alice.id.to_string() + " IF version = 1");
  EXPECT_EQ(entries_in_ended(alice.id), 1u);
  EXPECT_FALSE(is_listed_as_ended(alice.id));
  EXPECT_EQ(entries_in_ended(alice.id), 0u);
}

TEST_F(CassandraUsers, RemovesTheEntryOfWhoIsErased) {
  User alice = created(prefix_);
  alice.ended_at = kStart + seconds(1);
  alice = set(alice);
  EXPECT_EQ(entries_in_ended(alice.id), 1u);
  alice.erased = true;
  set(alice);
  EXPECT_EQ(entries_in_ended(alice.id), 0u);
}

TEST_F(CassandraUsers, AsksForAUserTwiceAndForANameThreeTimes) {
  const User alice = created(prefix_);
  const auto before = keyspace_.session().stats().executed;
  value_of(store_->find(alice.id));
  EXPECT_EQ(keyspace_.session().stats().executed - before, 2u);
  value_of(store_->find_by_name(prefix_));
  EXPECT_EQ(keyspace_.session().stats().executed - before, 5u);
}

}  // namespace
}  // namespace tidings::cassandra
