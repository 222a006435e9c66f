#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ports/test_values.h"
#include "ports/user_store.h"

// What every UserStore must do. See message_store_contract.h for how it is instantiated and what it
// does not assume.
namespace tidings::contract {

using MakeUserStore = std::function<std::shared_ptr<UserStore>()>;

class UserStoreContract : public testing::TestWithParam<MakeUserStore> {
 protected:
  const std::shared_ptr<UserStore> store = GetParam()();
  // Names of this test begin so, and nobody else's do.
  const std::string prefix = "u" + Uuid::v4().to_string().substr(0, 18) + ".";

  User user(std::string name) const {
    User made;
    made.id = new_user_id();
    made.name = prefix + std::move(name);
    made.display_name = "Somebody";
    made.password_hash = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA";
    made.created_at = kStart;
    made.last_seen = kStart;
    return made;
  }
  User created(User made) {
    EXPECT_EQ(value_of(store->create(made)), std::nullopt);
    return made;
  }
  std::optional<User> found(UserId id) { return value_of(store->find(id)); }
  std::optional<User> found(const std::string& name) { return value_of(store->find_by_name(name)); }
};

TEST_P(UserStoreContract, ReturnsAUserWithEveryFieldAsItWasStored) {
  User every = user("alice");
  every.display_name = "Élise 爱丽丝 أليس 👩\t\"";
  every.service = true;
  every.disabled = true;
  every.admin = true;
  every.accepts_direct = false;
  every.metadata = R"({"a":[1,{"b":null}]})";
  every.status = ManualStatus::Invisible;
  every.status_text = "away until 2030";
  every.created_at = kStart + milliseconds(1);
  every.last_seen = kStart + milliseconds(2);
  every.ended_at = kStart + milliseconds(3);
  every.erased = true;
  every.version = 7;
  created(every);
  EXPECT_EQ(found(every.id), every);
  EXPECT_EQ(found(every.name), every);
}

TEST_P(UserStoreContract, KnowsNobodyWhoWasNotStored) {
  EXPECT_EQ(found(new_user_id()), std::nullopt);
  EXPECT_EQ(found(prefix + "nobody"), std::nullopt);
  created(user("alice"));
  EXPECT_EQ(found(prefix + "alic"), std::nullopt);
  EXPECT_EQ(found(prefix + "alice2"), std::nullopt);
  EXPECT_EQ(found(""), std::nullopt);
}

TEST_P(UserStoreContract, LeavesANameWithWhoeverHasIt) {
  const User holder = created(user("alice"));
  const User other = user("alice");
  EXPECT_EQ(value_of(store->create(other)), holder);
  EXPECT_EQ(value_of(store->create(holder)), holder);
  EXPECT_EQ(found(holder.name), holder);
  EXPECT_EQ(found(holder.id), holder);
}

TEST_P(UserStoreContract, GivesANameToExactlyOneOfThoseWhoRaceForIt) {
  std::vector<User> racers;
  for (int i = 0; i < 4; ++i) racers.push_back(user("alice"));
  std::vector<std::optional<User>> holders(racers.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < racers.size(); ++i) {
    threads.emplace_back([this, &racer = racers[i], &holder = holders[i]] {
      holder = value_of(store->create(racer));
    });
  }
  threads.clear();
  const auto winner = found(prefix + "alice");
  ASSERT_TRUE(winner.has_value());
  EXPECT_EQ(std::ranges::count_if(holders, [](const auto& each) { return !each; }), 1);
  for (std::size_t i = 0; i < racers.size(); ++i) {
    EXPECT_EQ(holders[i].value_or(racers[i]), *winner);
  }
}

TEST_P(UserStoreContract, SetsAsAWholeAUserWhoseVersionIsStillTheSame) {
  User changed = user("alice");
  changed.status_text = "to be forgotten";
  created(changed);
  changed.display_name = "Alice B.";
  changed.status_text.clear();
  changed.status = ManualStatus::Busy;
  changed.ended_at = kStart + seconds(60);
  EXPECT_TRUE(value_of(store->compare_and_set(changed)));
  ++changed.version;
  EXPECT_EQ(found(changed.id), changed);
  EXPECT_EQ(found(changed.name), changed);
  EXPECT_EQ(value_of(store->create(user("alice"))), changed);
}

TEST_P(UserStoreContract, GivesAndTakesTheAdminRole) {
  User alice = created(user("alice"));
  for (const bool admin : {true, false}) {
    alice.admin = admin;
    EXPECT_TRUE(value_of(store->compare_and_set(alice)));
    ++alice.version;
    EXPECT_EQ(found(alice.id), alice);
  }
}

TEST_P(UserStoreContract, SetsNoUserWhoseVersionIsAnother) {
  const User first = created(user("alice"));
  User second = first;
  second.display_name = "Alice B.";
  EXPECT_TRUE(value_of(store->compare_and_set(second)));
  User stale = first;
  stale.display_name = "Alice C.";
  EXPECT_FALSE(value_of(store->compare_and_set(stale)));
  stale.version = 2;
  EXPECT_FALSE(value_of(store->compare_and_set(stale)));
  ++second.version;
  EXPECT_EQ(found(first.id), second);
  const User nobody = user("nobody");
  EXPECT_FALSE(value_of(store->compare_and_set(nobody)));
  EXPECT_EQ(found(nobody.id), std::nullopt);
}

TEST_P(UserStoreContract, LosesNoneOfTheChangesThatRaceForAUser) {
  const User alice = created(user("alice"));
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, &alice, t] {
      for (int stored = 0; stored < 25;) {
        User now = *found(alice.id);
        now.status_text.push_back(static_cast<char>('a' + t));
        if (value_of(store->compare_and_set(std::move(now)))) ++stored;
      }
    });
  }
  threads.clear();
  const User last = *found(alice.id);
  for (const char each : {'a', 'b', 'c', 'd'}) {
    EXPECT_EQ(std::ranges::count(last.status_text, each), 25) << each;
  }
  EXPECT_EQ(last.version, 100u);
}

TEST_P(UserStoreContract, LetsNoChangeAndBeingSeenUndoEachOther) {
  User alice = created(user("alice"));
  User changed = alice;
  changed.display_name = "Alice B.";
  succeed(store->seen(alice.id, kStart + seconds(60)));
  EXPECT_TRUE(value_of(store->compare_and_set(changed)));
  ++changed.version;
  changed.last_seen = kStart + seconds(60);
  EXPECT_EQ(found(alice.id), changed);
}

TEST_P(UserStoreContract, MovesLastSeenForwardOnlyAndTouchesNothingElse) {
  User alice = created(user("alice"));
  succeed(store->seen(alice.id, kStart + seconds(60)));
  alice.last_seen = kStart + seconds(60);
  EXPECT_EQ(found(alice.id), alice);
  succeed(store->seen(alice.id, kStart + seconds(30)));
  EXPECT_EQ(found(alice.id), alice);
  EXPECT_EQ(found(alice.name), alice);
}

TEST_P(UserStoreContract, ListsAccountsInTheOrderOfTheBytesOfTheirNames) {
  std::vector<User> all;
  for (const char* name : {"bob", "bob-", "bob.a", "bob_", "bob0", "bobby", "a", "zoe"}) {
    all.push_back(created(user(name)));
  }
  std::ranges::sort(all, {}, &User::name);
  std::vector<User> paged;
  std::string after = prefix;
  for (bool ours = true; ours;) {
    const auto page = value_of(store->list(after, 3));
    EXPECT_LE(page.size(), 3u);
    for (const User& each : page) {
      if (each.name.starts_with(prefix)) paged.push_back(each);
    }
    ours = !page.empty() && page.back().name.starts_with(prefix);
    if (ours) after = page.back().name;
  }
  EXPECT_EQ(paged, all);
}

TEST_P(UserStoreContract, ListsThoseWhoHaveEndedUntilTheyAreErased) {
  std::vector<User> ended;
  for (int i = 0; i < 12; ++i) {
    User each = created(user("user" + std::to_string(i)));
    if (i % 3 == 0) continue;
    each.ended_at = kStart + seconds(i);
    EXPECT_TRUE(value_of(store->compare_and_set(each)));
    ++each.version;
    ended.push_back(each);
  }
  User moved = user("moved");  // as another store had it
  moved.ended_at = kStart;
  ended.push_back(created(moved));
  std::ranges::sort(ended, {}, &User::id);
  const auto listed = [this] {
    std::vector<User> ours;
    for (UserId after;;) {
      const auto page = value_of(store->list_ended(after, 3));
      EXPECT_LE(page.size(), 3u);
      if (page.empty()) return ours;
      for (const User& each : page) {
        EXPECT_GT(each.id, after);
        after = each.id;
        if (each.name.starts_with(prefix)) ours.push_back(each);
      }
    }
  };
  EXPECT_EQ(listed(), ended);
  for (std::size_t i = 0; i < ended.size(); i += 2) {
    ended[i].erased = true;
    EXPECT_TRUE(value_of(store->compare_and_set(ended[i])));
  }
  std::erase_if(ended, [](const User& each) { return each.erased; });
  EXPECT_EQ(listed(), ended);
}

TEST_P(UserStoreContract, ListsNobodyAsEndedWhoseChangeWasRefused) {
  User alice = user("alice");
  alice.id.value.bytes[15] |= 1;
  created(alice);
  alice.version = 5;
  alice.ended_at = kStart;
  EXPECT_FALSE(value_of(store->compare_and_set(alice)));
  UserId before = alice.id;
  --before.value.bytes[15];
  for (const User& each : value_of(store->list_ended(before, 1))) EXPECT_NE(each.id, alice.id);
}

TEST_P(UserStoreContract, KeepsABlockUntilItIsTakenBack) {
  const UserId alice = new_user_id();
  const UserId bob = new_user_id();
  const auto blocks = [this](UserId blocker, UserId blocked) {
    return value_of(store->is_blocked(blocker, blocked));
  };
  EXPECT_FALSE(blocks(alice, bob));
  succeed(store->put_block(alice, bob, true));
  succeed(store->put_block(alice, bob, true));
  EXPECT_TRUE(blocks(alice, bob));
  EXPECT_FALSE(blocks(bob, alice));
  EXPECT_FALSE(blocks(alice, new_user_id()));
  succeed(store->put_block(alice, bob, false));
  succeed(store->put_block(alice, bob, false));
  EXPECT_FALSE(blocks(alice, bob));
  succeed(store->put_block(alice, bob, true));
  EXPECT_TRUE(blocks(alice, bob));
}

TEST_P(UserStoreContract, PagesThroughThoseWhomSomebodyBlocks) {
  const UserId alice = new_user_id();
  std::vector<UserId> blocked;
  for (int i = 0; i < 9; ++i) {
    const UserId each = new_user_id();
    succeed(store->put_block(alice, each, true));
    succeed(store->put_block(new_user_id(), each, true));  // somebody else's is not shown
    if (i % 3 == 0) {
      succeed(store->put_block(alice, each, false));
    } else {
      blocked.push_back(each);
    }
  }
  std::ranges::sort(blocked);
  std::vector<UserId> paged;
  for (UserId after;;) {
    const auto page = value_of(store->blocked_by(alice, after, 2));
    EXPECT_LE(page.size(), 2u);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(paged, blocked);
  EXPECT_TRUE(value_of(store->blocked_by(new_user_id(), UserId{}, 2)).empty());
}

}  // namespace tidings::contract
