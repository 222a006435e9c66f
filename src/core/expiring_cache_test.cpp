#include "core/expiring_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "base/manual_clock.h"

namespace tidings {
namespace {

using Cache = ExpiringCache<std::string, int>;

std::shared_ptr<const int> value(int number) { return std::make_shared<const int>(number); }

TEST(ExpiringCache, RemembersUntilTheGivenMoment) {
  const ManualClock clock;
  const Instant now = clock.monotonic();
  Cache cache(1'000);
  cache.put("a", value(1), 0, now + seconds(4));
  const auto hit = cache.get("a", 0, now + milliseconds(3'999));
  ASSERT_TRUE(hit.has_value());
  EXPECT_EQ(*hit->value, 1);
  EXPECT_FALSE(cache.get("a", 0, now + seconds(4)).has_value());
  EXPECT_FALSE(cache.get("b", 0, now).has_value());
  EXPECT_EQ(cache.hits(), 1U);
  EXPECT_EQ(cache.misses(), 2U);
}

TEST(ExpiringCache, DoesNotShowWhatWasReadUnderAnOlderStamp) {
  Stamps stamps;
  Cache cache(1'000);
  const std::uint64_t before = stamps.of(7);
  stamps.bump(7);  // a change during the read
  cache.put("a", value(1), before, Instant::max());
  EXPECT_FALSE(cache.get("a", stamps.of(7), Instant::min()).has_value());
  cache.put("a", value(2), stamps.of(7), Instant::max());
  EXPECT_TRUE(cache.get("a", stamps.of(7), Instant::min()).has_value());
}

TEST(ExpiringCache, HoldsNoMoreThanItsWeight) {
  constexpr std::size_t kWeightMax = 12'800;
  Cache cache(kWeightMax);
  for (int i = 0; i < 100'000; ++i) {
    cache.put(std::to_string(i), value(i), 0, Instant::max());
  }
  EXPECT_LE(cache.entries(), kWeightMax);
  EXPECT_GE(cache.entries(), kWeightMax / 4);
  EXPECT_TRUE(cache.get("99999", 0, Instant::min()).has_value());
  EXPECT_FALSE(cache.get("0", 0, Instant::min()).has_value());

  Cache heavy(kWeightMax);
  for (int i = 0; i < 10'000; ++i) {
    heavy.put(std::to_string(i), value(i), 0, Instant::max(), 100);
  }
  EXPECT_LE(heavy.entries(), kWeightMax / 100 + 2 * 64);
}

TEST(ExpiringCache, ShowsTheNewerOfTwoGenerations) {
  Cache cache(1);  // each shard turns with every second entry
  cache.put("a", value(1), 0, Instant::max());
  cache.put("a", value(2), 0, Instant::max());
  EXPECT_EQ(*cache.get("a", 0, Instant::min())->value, 2);
}

}  // namespace
}  // namespace tidings
