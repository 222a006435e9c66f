#include "core/recent_ids.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace tidings {
namespace {

using namespace std::chrono_literals;

const Instant kNow{1'000'000s};

TEST(RecentIds, RemembersForAMinuteWhatWasNoted) {
  RecentIds ids(/*buckets=*/16);
  EXPECT_FALSE(ids.note(7, kNow));
  EXPECT_TRUE(ids.has(7, kNow + 60s));
  EXPECT_TRUE(ids.note(7, kNow + 60s));
  EXPECT_FALSE(ids.has(7, kNow + 61s));
}

TEST(RecentIds, CountsTheMinuteFromTheFirstNote) {
  RecentIds ids(/*buckets=*/16);
  EXPECT_FALSE(ids.note(7, kNow));
  EXPECT_TRUE(ids.note(7, kNow + 40s));
  EXPECT_FALSE(ids.note(7, kNow + 61s));
  EXPECT_TRUE(ids.has(7, kNow + 100s));
}

TEST(RecentIds, AskingNotesNothing) {
  RecentIds ids(/*buckets=*/16);
  EXPECT_FALSE(ids.has(7, kNow));
  EXPECT_FALSE(ids.note(7, kNow));
}

TEST(RecentIds, ForgetsTheOldestWhenABucketIsFull) {
  RecentIds ids(/*buckets=*/1);
  for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_FALSE(ids.note(id, kNow + id * 1s));
  EXPECT_FALSE(ids.has(1, kNow + 5s));
  for (std::uint64_t id = 2; id <= 5; ++id) EXPECT_TRUE(ids.has(id, kNow + 5s)) << id;
}

TEST(RecentIds, HoldsNothingAtTheFirstMomentOfTheClock) {
  RecentIds ids(/*buckets=*/16);
  EXPECT_FALSE(ids.has(0, Instant{}));
  EXPECT_FALSE(ids.note(0, Instant{}));
  EXPECT_TRUE(ids.has(0, Instant{}));
}

}  // namespace
}  // namespace tidings
