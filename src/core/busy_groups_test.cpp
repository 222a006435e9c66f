#include "core/busy_groups.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

constexpr Instant kStart{};

GroupId group(int number) { return GroupId{Uuid::v5({}, std::to_string(number))}; }

TEST(BusyGroups, AreToldByTheirRateTheBusiestFirst) {
  BusyGroups groups(kStart);
  for (int i = 0; i < 30; ++i) groups.note(group(1), kStart + seconds(i));
  for (int i = 0; i < 60; ++i) groups.note(group(2), kStart + seconds(i) / 2);
  EXPECT_EQ(groups.total(), 90u);
  const std::vector<BusyGroups::Busy> both = {{group(2), 120}, {group(1), 60}};
  EXPECT_EQ(groups.busiest(10, kStart + seconds(30)), both);
  EXPECT_EQ(groups.busiest(1, kStart + seconds(30)).size(), 1u);
}

TEST(BusyGroups, AreForgottenAfterTwoMinutes) {
  BusyGroups groups(kStart);
  for (int i = 0; i < 60; ++i) groups.note(group(1), kStart + seconds(i));
  EXPECT_EQ(groups.busiest(10, kStart + seconds(90)).front().per_minute, 40u);
  EXPECT_TRUE(groups.busiest(10, kStart + seconds(120)).empty());
  groups.note(group(2), kStart + seconds(600));
  EXPECT_EQ(groups.busiest(10, kStart + seconds(600)).size(), 1u);
  EXPECT_EQ(groups.total(), 61u);
}

TEST(BusyGroups, AreFoundAmongAnyNumberOfQuietOnesAndNeverOvercounted) {
  BusyGroups groups(kStart);
  for (int i = 0; i < 10'000; ++i) {
    groups.note(group(100 + i), kStart);
    if (i % 10 == 0) groups.note(group(1), kStart);
  }
  const auto busy = groups.busiest(3, kStart + seconds(59));
  ASSERT_FALSE(busy.empty());
  EXPECT_EQ(busy.front().group, group(1));
  EXPECT_LE(busy.front().per_minute, 1'000u * 60 / 59);
  for (std::size_t i = 1; i < busy.size(); ++i) EXPECT_LE(busy[i].per_minute, 2u);
}

}  // namespace
}  // namespace tidings
