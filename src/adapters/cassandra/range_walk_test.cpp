#include "adapters/cassandra/range_walk.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace tidings::cassandra {
namespace {

const Time kStart = from_ms(1'700'000'000'000);
const UserId kAlice{Uuid::v5({}, "alice")};

// Rows in buckets, in memory, and reads of them that a store would make.
struct Store {
  std::map<Bucket, std::set<MessageId>> buckets;
  int reads = 0;

  // In pages as the registry gives them: all wide ones, and at most `narrow_max` narrow ones.
  BucketPage page(const IdRange& range, Take take, std::optional<Time> from,
                  std::size_t narrow_max) const {
    std::vector<Bucket> narrow;
    BucketPage page;
    for (const auto& [bucket, rows] : buckets) {
      if (!bucket.is_wide()) {
        const bool is_passed =
            from && (take == Take::Newest ? bucket.end() > *from : bucket.end() < *from);
        const bool in_bounds = bucket.end() > range.from.sent_at() &&
                               bucket.end() <= range.to.sent_at() + kWidestNarrow;
        if (in_bounds && !is_passed) narrow.push_back(bucket);
      } else if (!from && bucket.overlaps(range)) {
        page.buckets.push_back(bucket);
      }
    }
    std::ranges::sort(narrow, {}, [](const Bucket& bucket) { return bucket.end(); });
    if (take == Take::Newest) std::ranges::reverse(narrow);
    if (narrow.size() >= narrow_max) {
      narrow.resize(narrow_max);
      page.rest = narrow.back().end();
    }
    for (const Bucket& bucket : narrow) {
      if (bucket.overlaps(range)) page.buckets.push_back(bucket);
    }
    return page;
  }

  std::vector<MessageId> read(const IdRange& range, Take take, std::size_t limit) {
    RangeWalk walk(range, take, kStart + std::chrono::hours(24 * 40));
    walk.add(page(range, take, {}, 12));
    std::set<MessageId> found;
    for (;;) {
      if (walk.wants_buckets()) {
        walk.add(page(range, take, walk.rest(), 12));
        continue;
      }
      const auto bound = walk.bound();
      if (!bound) break;
      const auto nearer = std::ranges::count_if(
          found, [&](MessageId id) { return take == Take::Newest ? id >= *bound : id < *bound; });
      if (static_cast<std::size_t>(nearer) >= limit) break;
      for (const Bucket& bucket : walk.next_buckets()) {
        ++reads;
        std::vector<MessageId> rows;
        for (const MessageId id : buckets[bucket]) {
          if (range.contains(id)) rows.push_back(id);
        }
        if (take == Take::Newest) std::ranges::reverse(rows);
        if (rows.size() > limit) rows.resize(limit);
        found.insert(rows.begin(), rows.end());
      }
    }
    std::vector<MessageId> all(found.begin(), found.end());
    if (all.size() > limit && take == Take::Oldest) all.resize(limit);
    if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
    return all;
  }
};

TEST(RangeWalk, FindsWhatASortedSetWouldWhateverTheBuckets) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto pick = [&random](std::size_t below) { return random() % below; };
    Store store;
    std::set<MessageId> all;
    for (int i = 0; i < 400; ++i) {
      const auto spread = pick(3) == 0 ? std::chrono::hours(24 * 400) : std::chrono::hours(30);
      const Time sent_at = kStart + milliseconds(random() % milliseconds(spread).count());
      const MessageId id = MessageId::mint(sent_at, kAlice);
      all.insert(id);
      // Some in two, as of workers that disagree.
      for (std::size_t copy = 0; copy <= pick(4) / 3; ++copy) {
        const auto width = static_cast<std::int8_t>(pick(kWidthsMs.size()));
        store.buckets[Bucket::around(sent_at, width)].insert(id);
      }
    }
    for (int i = 0; i < 40; ++i) {
      MessageId from = *std::next(all.begin(), static_cast<int>(pick(all.size())));
      MessageId to = *std::next(all.begin(), static_cast<int>(pick(all.size())));
      if (to < from) std::swap(from, to);
      if (pick(5) == 0) from = kFirstMessageId;
      if (pick(5) == 0) to = kLastMessageId;
      const std::size_t limit = 1 + pick(60);
      std::vector<MessageId> expected(all.lower_bound(from), all.lower_bound(to));
      const auto extra =
          static_cast<std::ptrdiff_t>(expected.size()) - static_cast<std::ptrdiff_t>(limit);
      auto oldest = expected;
      if (extra > 0) oldest.resize(limit);
      auto newest = expected;
      if (extra > 0) newest.erase(newest.begin(), newest.begin() + extra);
      ASSERT_EQ(store.read({from, to}, Take::Oldest, limit), oldest);
      ASSERT_EQ(store.read({from, to}, Take::Newest, limit), newest);
    }
  }
}

TEST(RangeWalk, ReadsNoFartherThanThePageNeeds) {
  Store store;
  std::set<MessageId> all;
  // A busy group: a bucket an hour, a hundred rows in each.
  for (int i = 0; i < 24 * 20 * 100; ++i) {
    const Time sent_at = kStart + seconds(36 * i);
    const MessageId id = MessageId::mint(sent_at, kAlice);
    store.buckets[Bucket::around(sent_at, 2)].insert(id);
  }
  EXPECT_EQ(store.read({}, Take::Newest, 50).size(), 50u);
  EXPECT_LE(store.reads, 2);
  store.reads = 0;
  const MessageId in_the_middle = MessageId::floor(kStart + std::chrono::hours(200));
  EXPECT_EQ(store.read({kFirstMessageId, in_the_middle}, Take::Newest, 50).size(), 50u);
  EXPECT_LE(store.reads, 2);
}

}  // namespace
}  // namespace tidings::cassandra
