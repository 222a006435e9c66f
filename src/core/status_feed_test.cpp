#include "core/status_feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/test_world.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class Everybody final : public Statuses {
 public:
  Task<Result<std::vector<ShownStatus>>> shown(Caller, std::vector<std::string> names) override {
    std::vector<ShownStatus> found;
    for (std::string& name : names) found.push_back({std::move(name), ShownAs::Online, {}, {}});
    co_return found;
  }
};

class StatusFeedTest : public testing::Test {
 protected:
  Result<Status> ask(StatusRequest request) {
    return world.run(feed.run(world.user("bob"), std::move(request)));
  }
  Status behind(const std::string& cursor) {
    StatusRequest request;
    request.cursor = cursor;
    return ask(request).value();
  }
  // After all that is there has settled.
  std::string cursor() {
    world.advance(10s);
    return ask({}).value().cursor;
  }
  static std::vector<GroupId> ids(const Status& status) {
    std::vector<GroupId> found;
    for (const GroupStatus& group : status.groups) found.push_back(group.group.id);
    return found;
  }
  std::vector<GroupId> make_groups(int count) {
    std::vector<GroupId> made;
    for (int i = 0; i < count; ++i) made.push_back(world.group({"alice", "bob"}));
    std::ranges::sort(made);
    return made;
  }

  World world;
  Everybody everybody;
  StatusFeed feed{world.groups,     world.messages, world.directory,   world.past,
                  world.read_marks, everybody,      world.clock_guard, world.clock};
};

TEST_F(StatusFeedTest, WithoutACursorEveryGroupIsListedOnce) {
  const auto made = make_groups(5);
  StatusRequest request;
  request.limit = 2;
  std::vector<GroupId> listed;
  for (const bool more : {true, true, false}) {
    const auto status = ask(request);
    EXPECT_EQ(status->more, more);
    for (const GroupId id : ids(*status)) listed.push_back(id);
    request.cursor = status->cursor;
  }
  EXPECT_EQ(listed, made);
}

TEST_F(StatusFeedTest, BehindACursorOnlyWhatChangedIsListed) {
  const auto made = make_groups(3);
  const std::string before = cursor();
  EXPECT_TRUE(behind(before).groups.empty());
  ASSERT_TRUE(world.say("alice", made[1], "hello"));
  EXPECT_EQ(ids(behind(before)), std::vector{made[1]});
}

TEST_F(StatusFeedTest, AChangeBetweenThePagesOfARoundIsNotLost) {
  const auto made = make_groups(3);
  world.advance(10s);
  StatusRequest request;
  request.limit = 2;
  const auto first = ask(request);
  ASSERT_TRUE(world.say("alice", made[0], "hello"));  // of a page that has been given
  request.cursor = first->cursor;
  world.advance(10s);
  const auto last = ask(request);
  EXPECT_FALSE(last->more);
  EXPECT_EQ(ids(behind(last->cursor)), std::vector{made[0]});
}

TEST_F(StatusFeedTest, WhatIsListedAsItWasRememberedIsListedAgain) {
  const GroupId id = make_groups(1).front();
  const std::string before = cursor();
  Group group = **world.run(world.directory.group(id));
  group.name = "another name";  // by another worker: nobody says so here
  ASSERT_TRUE(*world.run(world.groups.compare_and_set(group)));
  ASSERT_TRUE(world.run(world.messages.touch(id, world.clock.now())).has_value());
  world.advance(3'900ms);
  const auto first = behind(before);
  ASSERT_EQ(first.groups.size(), 1u);
  EXPECT_EQ(first.groups[0].group.name, "");
  world.advance(2'000ms);
  const auto second = behind(first.cursor);
  ASSERT_EQ(second.groups.size(), 1u);
  EXPECT_EQ(second.groups[0].group.name, "another name");
}

TEST_F(StatusFeedTest, AGroupThatWasJoinedIsListedAndOneThatWasLeftIsNamed) {
  const auto made = make_groups(2);
  const std::string before = cursor();
  world.put(made[0], "bob", Role::None);
  const GroupId joined = world.group({"alice", "bob"});
  const Status after = behind(before);
  EXPECT_EQ(ids(after), std::vector{joined});
  EXPECT_EQ(after.removed, std::vector{made[0]});
  EXPECT_TRUE(ask({})->removed.empty());
}

TEST_F(StatusFeedTest, UnreadAndTheLastMessageComeWhenAsked) {
  const GroupId group = world.group({"alice", "bob"});
  ASSERT_TRUE(world.say("alice", group, "one"));
  ASSERT_TRUE(world.say("alice", group, "two"));
  EXPECT_FALSE(ask({})->groups.at(0).unread.has_value());
  StatusRequest request;
  request.with_unread = request.with_last = true;
  const GroupStatus status = ask(request)->groups.at(0);
  EXPECT_EQ(status.unread->count, 2u);
  EXPECT_EQ(status.last_message->message.content.text, "two");
  EXPECT_EQ(status.size, 2u);
  EXPECT_EQ(status.last_updated, status.last_message->message.received_at);
}

TEST_F(StatusFeedTest, CostlyAnswersHoldFiftyGroups) {
  make_groups(50);
  StatusRequest request;
  request.limit = kPageLimitMax;
  request.with_last = true;
  EXPECT_EQ(ask(request)->groups.size(), 50u);
  EXPECT_FALSE(ask(request)->more);
  make_groups(1);
  const auto costly = ask(request);
  EXPECT_EQ(costly->groups.size(), 50u);
  EXPECT_TRUE(costly->more);
  request.with_last = false;
  EXPECT_EQ(ask(request)->groups.size(), 51u);
}

TEST_F(StatusFeedTest, ACursorOfTheFutureStartsAnew) {
  const auto made = make_groups(2);
  StatusCursor forged{world.messages.epoch(), world.clock.now() + kClockSkewMax + 1ms, {}, {}};
  EXPECT_EQ(ids(behind(encode(forged))), made);
}

TEST_F(StatusFeedTest, NoWatermarkIsTakenWhileTheClockIsOut) {
  world.clock.step(-5s);
  EXPECT_EQ(ask({}).error().code, ErrorCode::Unavailable);
}

TEST_F(StatusFeedTest, RequestsAreKeptToTheirLimits) {
  StatusRequest request;
  for (const std::size_t limit : {0u, 201u}) {
    request.limit = limit;
    EXPECT_EQ(ask(request).error().code, ErrorCode::InvalidRequest) << limit;
  }
  request = {};
  request.users.assign(100, "alice");
  EXPECT_EQ(ask(request)->users.size(), 100u);
  request.users.emplace_back("alice");
  EXPECT_EQ(ask(request).error().code, ErrorCode::InvalidRequest);
  request = {};
  request.cursor = "forged";
  EXPECT_EQ(ask(request).error().code, ErrorCode::InvalidCursor);
  request.cursor = cursor();
  request.since = world.clock.now();
  EXPECT_EQ(ask(request).error().code, ErrorCode::InvalidRequest);
}

}  // namespace
}  // namespace tidings
