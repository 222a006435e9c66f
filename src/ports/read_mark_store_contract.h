#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "ports/read_mark_store.h"
#include "ports/test_values.h"

// What every ReadMarkStore must do. See message_store_contract.h for how it is instantiated and
// what it does not assume.
namespace tidings::contract {

using MakeReadMarkStore = std::function<std::shared_ptr<ReadMarkStore>()>;

class ReadMarkStoreContract : public testing::TestWithParam<MakeReadMarkStore> {
 protected:
  const std::shared_ptr<ReadMarkStore> store = GetParam()();
  const UserId alice = new_user_id();
  const UserId bob = new_user_id();
  const GroupId group = new_group_id();

  Cursor mark(milliseconds at, std::optional<std::uint64_t> sequence = {}) const {
    Cursor made;
    made.group = group;
    made.epoch = 3;
    made.watermark = kStart + at;
    made.sequence = sequence;
    return made;
  }
  void put(const Cursor& mark) { succeed(store->put(alice, mark)); }
  std::optional<Cursor> stored(UserId user, GroupId in) {
    return value_of(store->get(user, {in})).at(0);
  }
  std::optional<Cursor> stored() { return stored(alice, group); }
};

TEST_P(ReadMarkStoreContract, ReturnsAMarkWithEveryFieldAsItWasStored) {
  const Cursor with_sequence = mark(seconds(1), 0xFFFF'FFFF'FFFFULL);
  put(with_sequence);
  EXPECT_EQ(stored(), with_sequence);
  Cursor with_counts = mark(seconds(2));
  with_counts.counts = {{6'800'000'000'000, 1}, {6'800'000'000'001, 1'000}};
  put(with_counts);
  EXPECT_EQ(stored(), with_counts);
}

TEST_P(ReadMarkStoreContract, NeverMovesAMarkBack) {
  put(mark(seconds(10), 5));
  put(mark(seconds(9), 4));
  EXPECT_EQ(stored(), mark(seconds(10), 5));
  put(mark(seconds(10), 4));
  EXPECT_EQ(stored(), mark(seconds(10), 5));
  put(mark(seconds(10), 6));
  EXPECT_EQ(stored(), mark(seconds(10), 6));
  put(mark(seconds(11), 6));
  EXPECT_EQ(stored(), mark(seconds(11), 6));
}

TEST_P(ReadMarkStoreContract, KeepsTheFurthestOfTheMarksThatRace) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) put(mark(milliseconds(i * 4 + t)));
    });
  }
  threads.clear();
  EXPECT_EQ(stored(), mark(milliseconds(79)));
}

TEST_P(ReadMarkStoreContract, ReturnsMarksInTheOrderOfTheGroups) {
  put(mark(seconds(1)));
  Cursor other = mark(seconds(2));
  other.group = new_group_id();
  put(other);
  const std::vector<std::optional<Cursor>> expected = {other, std::nullopt, mark(seconds(1))};
  EXPECT_EQ(value_of(store->get(alice, {other.group, new_group_id(), group})), expected);
  EXPECT_EQ(value_of(store->get(alice, {})), std::vector<std::optional<Cursor>>{});
}

TEST_P(ReadMarkStoreContract, KeepsTwoReadersAndTwoGroupsApart) {
  put(mark(seconds(1)));
  EXPECT_EQ(stored(bob, group), std::nullopt);
  EXPECT_EQ(stored(alice, new_group_id()), std::nullopt);
  succeed(store->put(bob, mark(seconds(2))));
  EXPECT_EQ(stored(), mark(seconds(1)));
}

// Of stores with an arrival log: elsewhere no mark has a position of this store's.
class ReadMarkPositionContract : public ReadMarkStoreContract {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReadMarkPositionContract);

TEST_P(ReadMarkPositionContract, MovesAMarkByItsPositionWhenTheClockWasSetBack) {
  put(mark(std::chrono::hours(1), 5));
  put(mark(seconds(1), 6));
  EXPECT_EQ(stored(), mark(seconds(1), 6));
  put(mark(std::chrono::hours(2), 5));
  EXPECT_EQ(stored(), mark(seconds(1), 6));
}

TEST_P(ReadMarkPositionContract, MovesAMarkByItsTimeWhenThePositionIsOfAnotherLifeOfTheStore) {
  put(mark(seconds(10), 5));
  Cursor other = mark(seconds(9), 6);
  other.epoch = 4;
  put(other);
  EXPECT_EQ(stored(), mark(seconds(10), 5));
  other = mark(seconds(11), 1);
  other.epoch = 4;
  put(other);
  EXPECT_EQ(stored(), other);
}

}  // namespace tidings::contract
