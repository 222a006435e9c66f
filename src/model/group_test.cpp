#include "model/group.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(Group, IsToldForAMinuteAfterItIsNoLongerPushed) {
  Group group;
  group.push = false;
  group.push_changed_at = from_ms(1'000'000);
  EXPECT_TRUE(is_told(group, group.push_changed_at + seconds(59)));
  EXPECT_FALSE(is_told(group, group.push_changed_at + seconds(60)));
  group.push = true;
  EXPECT_TRUE(is_told(group, group.push_changed_at + seconds(60)));
}

TEST(Group, IsReliedOnWhenEveryWorkerKnowsThatItIsPushedAgain) {
  Group group;
  group.created_at = from_ms(1'000'000);
  group.push_changed_at = group.created_at;
  EXPECT_TRUE(is_pushed(group, group.created_at));
  group.push_changed_at = from_ms(2'000'000);
  EXPECT_FALSE(is_pushed(group, group.push_changed_at + milliseconds(5'999)));
  EXPECT_TRUE(is_pushed(group, group.push_changed_at + seconds(6)));
  group.push = false;
  EXPECT_FALSE(is_pushed(group, group.push_changed_at + seconds(6)));
}

}  // namespace
}  // namespace tidings
