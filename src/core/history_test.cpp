#include "core/history.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/test_world.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    for (int i = 0; i < 7; ++i) ids.push_back(*world.say("alice", group, std::to_string(i)));
  }

  Result<HistoryPage> page(HistoryRequest request, const std::string& reader = "bob") {
    request.group = group;
    return world.run(world.past.page(world.user(reader), request));
  }
  static Texts texts(const std::vector<ShownMessage>& messages) {
    Texts found;
    for (const ShownMessage& shown : messages) found.push_back(shown.message.content.text);
    return found;
  }
  void amend(const std::string& author, Kind kind, MessageId target, std::string text = {}) {
    Content content;
    content.kind = kind;
    content.target = target;
    content.text = std::move(text);
    ASSERT_TRUE(world.send(world.draft(author, group, content)));
  }

  World world;
  const GroupId group = world.group({"alice", "bob"});
  std::vector<MessageId> ids;
};

TEST_F(HistoryTest, WithoutBoundsItIsTheNewest) {
  HistoryRequest request;
  request.limit = 3;
  const auto newest = page(request);
  EXPECT_EQ(texts(newest->messages), (Texts{"4", "5", "6"}));
  EXPECT_TRUE(newest->has_before);
  EXPECT_FALSE(newest->has_after);
}

TEST_F(HistoryTest, BoundsAreExclusive) {
  HistoryRequest request;
  request.before = ids[3];
  request.limit = 2;
  const auto before = page(request);
  EXPECT_EQ(texts(before->messages), (Texts{"1", "2"}));
  EXPECT_TRUE(before->has_before && before->has_after);

  request = {};
  request.after = ids[3];
  request.limit = 3;
  const auto after = page(request);
  EXPECT_EQ(texts(after->messages), (Texts{"4", "5", "6"}));
  EXPECT_TRUE(after->has_before);
  EXPECT_FALSE(after->has_after);

  request.before = ids[6];
  EXPECT_EQ(texts(page(request)->messages), (Texts{"4", "5"}));
}

TEST_F(HistoryTest, AroundAnIdStandsThatIdAndAsManyOnBothSides) {
  HistoryRequest request;
  request.around = ids[3];
  request.limit = 4;
  EXPECT_EQ(texts(page(request)->messages), (Texts{"1", "2", "3", "4"}));
  request.around = ids[6];
  EXPECT_EQ(texts(page(request)->messages), (Texts{"3", "4", "5", "6"}));
  request.around = kFirstMessageId;
  EXPECT_EQ(texts(page(request)->messages), (Texts{"0", "1", "2", "3"}));
}

TEST_F(HistoryTest, AmendmentsAreAppliedAndNotListed) {
  amend("alice", Kind::Edit, ids[5], "five");
  amend("alice", Kind::Delete, ids[6]);
  HistoryRequest request;
  request.limit = 2;
  const auto newest = page(request);
  EXPECT_EQ(texts(newest->messages), (Texts{"five", ""}));
  EXPECT_TRUE(newest->messages[0].edited_at.has_value());
  EXPECT_TRUE(newest->messages[1].deleted);
}

TEST_F(HistoryTest, ManyAmendmentsHideNoOlderMessage) {
  for (int i = 0; i < 40; ++i) amend("alice", Kind::Edit, ids[6], "edit " + std::to_string(i));
  HistoryRequest request;
  request.limit = 2;
  const auto newest = page(request);
  EXPECT_EQ(texts(newest->messages), (Texts{"5", "edit 39"}));
  EXPECT_FALSE(newest->has_after);
}

TEST_F(HistoryTest, APageHoldsAMebibyteAndNeverNothing) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(world.say("alice", group, "x" + std::string(kTextCodePointsMax - 1, '\n')));
  }
  HistoryRequest request;
  request.limit = kPageLimitMax;
  const auto newest = page(request);
  EXPECT_EQ(newest->messages.size(), 17u);  // of 60 kB each, as JSON
  EXPECT_TRUE(newest->has_before);
}

TEST_F(HistoryTest, WhoJoinedLaterSeesNothingFromBeforeWhereTheGroupSaysSo) {
  Group wanted;
  wanted.history = HistoryRule::SinceJoined;
  const GroupId closed = world.group({"alice"}, wanted);
  const auto before = world.say("alice", closed, "before");
  world.advance(1s);
  world.put(closed, "bob", Role::Member);
  const auto after = world.say("alice", closed, "after");

  HistoryRequest request;
  request.group = closed;
  const auto seen = world.run(world.past.page(world.user("bob"), request));
  EXPECT_EQ(texts(seen->messages), Texts{"after"});
  EXPECT_FALSE(seen->has_before);
  const auto one = world.run(world.past.one(world.user("bob"), closed, *before));
  EXPECT_EQ(one.error().code, ErrorCode::UnknownMessage);
  const auto some = world.run(world.past.by_ids(world.user("bob"), closed, {*before, *after}));
  EXPECT_EQ(texts(*some), Texts{"after"});
  EXPECT_EQ(world.history("alice", closed).size(), 2u);
}

TEST_F(HistoryTest, ByIdsGivesRowsAsTheyStandButNoDeletedBody) {
  amend("alice", Kind::Edit, ids[1], "one");
  amend("alice", Kind::Delete, ids[2]);
  const MessageId unknown = MessageId::mint(world.clock.now(), world.user("bob").user);
  const auto rows =
      world.run(world.past.by_ids(world.user("bob"), group, {ids[2], unknown, ids[1], ids[1]}));
  EXPECT_EQ(texts(*rows), (Texts{"1", ""}));
  EXPECT_TRUE(rows->at(1).deleted);
}

TEST_F(HistoryTest, LimitsAreKeptAtTheirEdges) {
  HistoryRequest request;
  for (const std::size_t limit : {1u, 200u}) {
    request.limit = limit;
    EXPECT_TRUE(page(request)) << limit;
  }
  for (const std::size_t limit : {0u, 201u}) {
    request.limit = limit;
    EXPECT_EQ(page(request).error().code, ErrorCode::InvalidRequest) << limit;
  }
  request.limit = 1;
  request.around = request.before = ids[0];
  EXPECT_EQ(page(request).error().code, ErrorCode::InvalidRequest);
  const auto by_ids = [&](std::size_t count) {
    return world.run(
        world.past.by_ids(world.user("bob"), group, std::vector<MessageId>(count, ids[0])));
  };
  EXPECT_FALSE(by_ids(0));
  EXPECT_TRUE(by_ids(100));
  EXPECT_FALSE(by_ids(101));
  EXPECT_EQ(page({}, "carol").error().code, ErrorCode::UnknownGroup);
}

}  // namespace
}  // namespace tidings
