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

TEST(Group, ShowsNewcomersWhatWasSentSinceTheyJoinedAndFoundersAll) {
  Group group;
  group.history = HistoryRule::SinceJoined;
  group.created_at = from_ms(1'000'000);
  Member member;
  member.joined_at = group.created_at;
  EXPECT_EQ(first_visible(group, member), kFirstMessageId);
  member.joined_at = from_ms(1'000'001);
  EXPECT_EQ(first_visible(group, member), MessageId::floor(member.joined_at));
  group.history = HistoryRule::All;
  EXPECT_EQ(first_visible(group, member), kFirstMessageId);
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
