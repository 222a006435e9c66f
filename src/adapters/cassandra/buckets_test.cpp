#include "adapters/cassandra/buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>

namespace tidings::cassandra {
namespace {

using std::chrono::hours;

const Time kStart = from_ms(1'700'000'000'000);
constexpr BucketRules kRules{.full_bytes = 100'000, .wanted_bytes = 50'000};
// What comes into a bucket at least, on the whole: widths are up to 13 times each other.
constexpr std::uint64_t kLeast = kRules.wanted_bytes / 13;

// Writes one message as a worker does, and returns where it went.
Bucket write(GroupBuckets& buckets, Time sent_at, std::uint64_t bytes) {
  if (buckets.usable(sent_at, kRules) == nullptr) buckets.learn(buckets.advised(sent_at, kRules));
  const Bucket bucket = *buckets.usable(sent_at, kRules);
  buckets.wrote(bucket, sent_at, bytes, kRules);
  return bucket;
}

TEST(Buckets, HoldOneAnotherOrAreApart) {
  constexpr unsigned kSeed = 5;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 1'000; ++i) {
    const Time time = from_ms(static_cast<std::int64_t>(random() % 4'000'000'000'000));
    for (std::int8_t width = 0; width <= kWidest; ++width) {
      const Bucket bucket = Bucket::around(time, width);
      ASSERT_TRUE(bucket.contains(time));
      ASSERT_EQ(Bucket::ending_at(bucket.end(), width), bucket);
      if (width == 0) continue;
      const Bucket inner = Bucket::around(time, static_cast<std::int8_t>(width - 1));
      ASSERT_LE(bucket.start, inner.start);
      ASSERT_GE(bucket.end(), inner.end());
    }
  }
}

TEST(Buckets, OverlapTheRangesThatHoldAnIdOfTheirs) {
  const Bucket day = Bucket::around(kStart, 4);
  const auto ids = [](Time from, Time to) {
    return IdRange{MessageId::floor(from), MessageId::floor(to)};
  };
  EXPECT_TRUE(day.overlaps({}));
  EXPECT_TRUE(day.overlaps(ids(day.start, day.start + milliseconds(1))));
  EXPECT_TRUE(day.overlaps(ids(day.end() - milliseconds(1), day.end() + hours(1))));
  EXPECT_FALSE(day.overlaps(ids(day.end(), day.end() + hours(1))));
  EXPECT_FALSE(day.overlaps(ids(day.start - hours(1), day.start)));
}

TEST(GroupBuckets, KeepAGroupThatSeldomSpeaksInTwoBucketsForTwoYears) {
  for (int shift = 0; shift < 60; ++shift) {
    GroupBuckets buckets;
    std::set<Bucket> used;
    for (int i = 0; i < 5; ++i) {
      used.insert(write(buckets, kStart + hours(24 * (28 * shift + 182 * i)), 300));
    }
    ASSERT_LE(used.size(), 2u) << shift;
  }
}

TEST(GroupBuckets, GoOnInNarrowerOnesWhenTheirsIsFull) {
  GroupBuckets buckets;
  std::map<Bucket, std::uint64_t> bytes;
  // One kilobyte every ten minutes for a month.
  for (int i = 0; i < 6 * 24 * 30; ++i) {
    bytes[write(buckets, kStart + std::chrono::minutes(10 * i), 1'000)] += 1'000;
  }
  for (const auto& [bucket, held] : bytes) {
    EXPECT_LE(held, kRules.full_bytes) << int{bucket.width} << " " << format_time(bucket.start);
  }
  EXPECT_LE(bytes.size(), 6 * 24 * 30 * 1'000 / kLeast);
}

TEST(GroupBuckets, GrowWideAgainWhenAGroupFallsSilent) {
  GroupBuckets buckets;
  for (int i = 0; i < 1'000; ++i) write(buckets, kStart + seconds(i), 1'000);
  const Bucket busy = write(buckets, kStart + seconds(1'001), 1'000);
  std::set<Bucket> used;
  for (int i = 1; i <= 12; ++i) used.insert(write(buckets, kStart + hours(24 * 30 * i), 300));
  EXPECT_LE(busy.width, 1);
  EXPECT_LE(used.size(), 4u);
}

// What arrives in an hour was sent in years.
TEST(GroupBuckets, CutAnImportByWhenItWasSent) {
  GroupBuckets buckets;
  std::set<Bucket> used;
  for (int i = 0; i < 10'000; ++i) used.insert(write(buckets, kStart + hours(i), 1'000));
  EXPECT_LE(used.size(), 10'000 * 1'000 / kLeast);
}

TEST(GroupBuckets, ForgetSomeRatherThanGrow) {
  GroupBuckets buckets;
  for (int i = 0; i < 100; ++i) buckets.learn(Bucket::around(kStart + hours(i), 2));
  EXPECT_EQ(buckets.usable(kStart, kRules), nullptr);
  EXPECT_NE(buckets.usable(kStart + hours(99), kRules), nullptr);
}

}  // namespace
}  // namespace tidings::cassandra
