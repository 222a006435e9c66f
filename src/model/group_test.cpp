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

}  // namespace
}  // namespace tidings
