#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ports/session_store.h"
#include "ports/test_values.h"

// What every SessionStore must do. See message_store_contract.h for how it is instantiated and what
// it does not assume.
namespace tidings::contract {

using MakeSessionStore = std::function<std::shared_ptr<SessionStore>()>;

class SessionStoreContract : public testing::TestWithParam<MakeSessionStore> {
 protected:
  const std::shared_ptr<SessionStore> store = GetParam()();
  const UserId alice = new_user_id();
  const UserId bob = new_user_id();

  static std::string bytes(std::size_t size) {
    std::string made;
    for (std::size_t i = 0; i < size; ++i) made.push_back(static_cast<char>(i * 23));
    return made;
  }
  static Session session(UserId user) {
    Session made;
    made.id = SessionId{Uuid::v4()};
    made.user = user;
    made.device = "phone";
    made.created_at = kStart;
    made.last_seen = kStart;
    made.refresh_hash = bytes(32);
    return made;
  }
  Session created(Session made) {
    succeed(store->create(made));
    return made;
  }
  std::optional<Session> found(SessionId id) { return value_of(store->find(id)); }

  std::set<Uuid> revoked_since(Time since) {
    std::set<Uuid> ids;
    for (const Revocation& each : value_of(store->revoked_since(since))) ids.insert(each.id);
    return ids;
  }
};

TEST_P(SessionStoreContract, ReturnsASessionWithEveryFieldAsItWasStored) {
  Session every = session(alice);
  every.device = "Alices Telefon 📱 \"x\"";
  every.last_seen = kStart + milliseconds(1);
  every.previous_refresh_hash = bytes(31);
  every.previous_until = kStart + milliseconds(2);
  every.refresh_salt = bytes(16);
  every.ended_at = kStart + milliseconds(3);
  every.version = 7;
  created(every);
  EXPECT_EQ(found(every.id), every);
}

TEST_P(SessionStoreContract, KnowsNoSessionAndNoKeyThatWasNotStored) {
  EXPECT_EQ(found(session(alice).id), std::nullopt);
  EXPECT_EQ(value_of(store->list(alice, {}, 10)), std::vector<Session>{});
  EXPECT_EQ(value_of(store->find_key(KeyId{Uuid::v4()})), std::nullopt);
  EXPECT_EQ(value_of(store->keys_of(alice)), std::vector<ServiceKey>{});
}

TEST_P(SessionStoreContract, SetsASessionWhoseVersionIsStillTheSame) {
  Session changed = created(session(alice));
  changed.refresh_hash = bytes(30);
  changed.refresh_salt.clear();
  EXPECT_TRUE(value_of(store->compare_and_set(changed)));
  const auto stored = found(changed.id);
  ASSERT_TRUE(stored.has_value());
  EXPECT_GT(stored->version, changed.version);
  changed.version = stored->version;
  EXPECT_EQ(*stored, changed);
  EXPECT_TRUE(value_of(store->compare_and_set(changed)));
}

TEST_P(SessionStoreContract, RefusesToSetASessionThatSomebodyElseHasSet) {
  const Session first = created(session(alice));
  Session mine = first;
  mine.device = "mine";
  Session theirs = first;
  theirs.device = "theirs";
  EXPECT_TRUE(value_of(store->compare_and_set(mine)));
  EXPECT_FALSE(value_of(store->compare_and_set(theirs)));
  EXPECT_EQ(found(first.id).value_or(first).device, "mine");
}

TEST_P(SessionStoreContract, SetsNoSessionThatIsNotThere) {
  const Session unknown = session(alice);
  EXPECT_FALSE(value_of(store->compare_and_set(unknown)));
  EXPECT_EQ(found(unknown.id), std::nullopt);
}

TEST_P(SessionStoreContract, LetsExactlyOneOfThoseWhoRaceSetASession) {
  const Session first = created(session(alice));
  std::vector<char> was_set(4);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < was_set.size(); ++i) {
    threads.emplace_back([this, first, i, &mine = was_set[i]] {
      Session offer = first;
      offer.device = "device " + std::to_string(i);
      mine = value_of(store->compare_and_set(offer));
    });
  }
  threads.clear();
  ASSERT_EQ(std::ranges::count(was_set, true), 1);
  const auto winner = std::ranges::find(was_set, true) - was_set.begin();
  EXPECT_EQ(found(first.id).value_or(first).device, "device " + std::to_string(winner));
}

TEST_P(SessionStoreContract, PagesThroughTheSessionsOfAUserThatHaveNotEnded) {
  std::vector<Session> open;
  for (int i = 0; i < 20; ++i) {
    Session each = created(session(alice));
    created(session(bob));
    if (i % 4 == 0) {
      each.ended_at = kStart + seconds(1);
      EXPECT_TRUE(value_of(store->compare_and_set(each)));
    } else {
      open.push_back(each);
    }
  }
  std::ranges::sort(open, {}, &Session::id);
  std::vector<Session> paged;
  SessionId after;
  for (;;) {
    const auto page = value_of(store->list(alice, after, 6));
    EXPECT_LE(page.size(), 6u);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().id;
  }
  EXPECT_EQ(paged, open);
}

// By the real clock: a store may forget by its own what ended a week ago.
TEST_P(SessionStoreContract, ForgetsSessionsThatEndedAWeekAgoAFewAtATime) {
  const Time time = SystemClock().now() - std::chrono::days(7);
  std::vector<Session> old;
  for (int i = 0; i < 7; ++i) {
    Session each = created(session(alice));
    each.ended_at = time - milliseconds(1 + i);
    EXPECT_TRUE(value_of(store->compare_and_set(each)));
    old.push_back(each);
  }
  Session fresh = created(session(alice));
  fresh.ended_at = time + std::chrono::hours(1);
  EXPECT_TRUE(value_of(store->compare_and_set(fresh)));
  const Session open = created(session(alice));

  for (;;) {
    const std::size_t forgotten = value_of(store->forget_ended(time, 3));
    EXPECT_LE(forgotten, 3u);
    if (forgotten == 0) break;
  }
  for (const Session& each : old) EXPECT_EQ(found(each.id), std::nullopt);
  EXPECT_TRUE(found(fresh.id).has_value());
  EXPECT_EQ(found(open.id), open);
  EXPECT_EQ(value_of(store->list(alice, {}, 10)), std::vector{open});
}

TEST_P(SessionStoreContract, ReturnsAKeyWithEveryFieldAsItWasStored) {
  ServiceKey key;
  key.id = KeyId{Uuid::v4()};
  key.user = alice;
  key.secret_hash = bytes(32);
  key.may_import = true;
  key.send_burst = 4'000'000'000;
  key.send_per_seconds = 7;
  key.created_at = kStart;
  succeed(store->put_key(key));
  EXPECT_EQ(value_of(store->find_key(key.id)), key);
  key.revoked_at = kStart + seconds(1);
  key.may_import = false;
  succeed(store->put_key(key));
  EXPECT_EQ(value_of(store->find_key(key.id)), key);
  EXPECT_EQ(value_of(store->keys_of(alice)), std::vector{key});
}

TEST_P(SessionStoreContract, ListsTheKeysOfAUser) {
  std::set<KeyId> expected;
  for (int i = 0; i < 6; ++i) {
    ServiceKey key;
    key.id = KeyId{Uuid::v4()};
    key.user = i % 2 == 0 ? alice : bob;
    succeed(store->put_key(key));
    if (key.user == alice) expected.insert(key.id);
  }
  std::set<KeyId> found;
  for (const ServiceKey& key : value_of(store->keys_of(alice))) {
    EXPECT_EQ(key.user, alice);
    EXPECT_TRUE(found.insert(key.id).second);
  }
  EXPECT_EQ(found, expected);
}

// By the real clock: a store may forget revocations by its own.
TEST_P(SessionStoreContract, ListsRevocationsFromATimeOnForTwentyMinutes) {
  const Time now = SystemClock().now();
  const Uuid old = Uuid::v4();
  const Uuid middle = Uuid::v4();
  const Uuid fresh = Uuid::v4();
  const Uuid also_fresh = Uuid::v4();
  succeed(store->revoke({old, now - std::chrono::minutes(19)}));
  succeed(store->revoke({fresh, now}));
  succeed(store->revoke({middle, now - seconds(90)}));
  succeed(store->revoke({also_fresh, now}));
  succeed(store->revoke({also_fresh, now}));
  const auto since = [&](Time time) {
    std::set<Uuid> ours;
    for (const Uuid& id : revoked_since(time)) {
      if (id == old || id == middle || id == fresh || id == also_fresh) ours.insert(id);
    }
    return ours;
  };
  EXPECT_EQ(since(now - std::chrono::minutes(20)), (std::set{old, middle, fresh, also_fresh}));
  EXPECT_EQ(since(now - seconds(90)), (std::set{middle, fresh, also_fresh}));
  EXPECT_EQ(since(now - seconds(90) + milliseconds(1)), (std::set{fresh, also_fresh}));
  EXPECT_EQ(since(now + milliseconds(1)), std::set<Uuid>{});
}

TEST_P(SessionStoreContract, ReturnsTheTimeOfARevocation) {
  const Revocation revocation{Uuid::v4(), SystemClock().now()};
  succeed(store->revoke(revocation));
  const auto all = value_of(store->revoked_since(revocation.at));
  EXPECT_NE(std::ranges::find(all, revocation), all.end());
}

}  // namespace tidings::contract
