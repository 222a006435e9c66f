#include "adapters/cassandra/recent_pages.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidings::cassandra {
namespace {

const Time kDay = from_ms(1'795'046'400'000);
const Bucket kMorning = Bucket::around(kDay, 3);
const Bucket kNoon = Bucket::around(kDay + std::chrono::hours(6), 3);
const IdRange kWholeDay{MessageId::floor(kDay), MessageId::floor(kDay + std::chrono::hours(24))};
const Instant kAsked{seconds(100)};

using Buckets = std::vector<Bucket>;

struct Pages : testing::Test {
  const GroupId group{Uuid::v4()};
  RecentPages pages;
};

TEST_F(Pages, KnowWhatWasAskedAtThatTimeOrLater) {
  EXPECT_EQ(pages.find(group, kWholeDay, kAsked), std::nullopt);
  pages.keep(group, kWholeDay, kAsked, {kMorning, kNoon});
  EXPECT_EQ(pages.find(group, kWholeDay, kAsked), (Buckets{kMorning, kNoon}));
  EXPECT_EQ(pages.find(group, kWholeDay, kAsked + milliseconds(1)), std::nullopt);
  EXPECT_EQ(pages.find({Uuid::v4()}, kWholeDay, kAsked), std::nullopt);
}

TEST_F(Pages, KnowOfARangeWhatLiesInIt) {
  pages.keep(group, kWholeDay, kAsked, {kMorning, kNoon});
  EXPECT_EQ(pages.find(group, moment(kNoon.start), kAsked), Buckets{kNoon});
  const IdRange two_days{kWholeDay.from, MessageId::floor(kDay + std::chrono::hours(48))};
  EXPECT_EQ(pages.find(group, two_days, kAsked), std::nullopt);
  EXPECT_EQ(pages.find(group, {kFirstMessageId, kWholeDay.to}, kAsked), std::nullopt);
}

TEST_F(Pages, KeepWhatWasAskedLast) {
  pages.keep(group, kWholeDay, kAsked, {kMorning, kNoon});
  pages.keep(group, kWholeDay, kAsked - milliseconds(1), {kMorning});
  EXPECT_EQ(pages.find(group, kWholeDay, kAsked), (Buckets{kMorning, kNoon}));
}

TEST_F(Pages, ForgetRatherThanGrow) {
  const std::size_t count = 10'000;
  std::vector<GroupId> groups;
  for (std::size_t i = 0; i < count; ++i) {
    groups.push_back({Uuid::v4()});
    pages.keep(groups.back(), kWholeDay, kAsked, {kMorning});
  }
  const auto is_known = [this](GroupId each) {
    return pages.find(each, kWholeDay, kAsked).has_value();
  };
  EXPECT_TRUE(is_known(groups.back()));
  EXPECT_LE(std::ranges::count_if(groups, is_known), 4'096);
}

}  // namespace
}  // namespace tidings::cassandra
