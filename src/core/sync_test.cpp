#include "core/sync.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/test_world.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Plays = World::Plays;

ChangesRequest behind(GroupId group, const Changes& changes) {
  ChangesRequest request;
  request.group = group;
  request.cursor = changes.cursor;
  return request;
}

std::vector<std::string> texts(const Changes& changes) {
  std::vector<std::string> found;
  for (const ShownMessage& shown : changes.messages) found.push_back(shown.message.content.text);
  return found;
}

Group of_many() {
  Group group;
  group.push = false;
  return group;
}

// As the server does every second.
void let_pass(World& world, seconds time) {
  for (; time > 0s; time -= 1s) {
    world.advance(1s);
    world.run(world.clock_guard.check());
  }
}

using Texts = std::vector<std::string>;

class SyncOverBothStores : public testing::TestWithParam<Plays> {
 protected:
  Result<Changes> ask(const std::string& reader, ChangesRequest request) {
    return world.run(world.sync.changes(world.user(reader), std::move(request)));
  }

  World world{/*seed=*/1, GetParam()};
  const GroupId group = world.group({"alice", "bob"});
};

INSTANTIATE_TEST_SUITE_P(OneWriter, SyncOverBothStores, testing::Values(Plays::OneWriter));
INSTANTIATE_TEST_SUITE_P(ManyWriters, SyncOverBothStores, testing::Values(Plays::ManyWriters));

TEST_P(SyncOverBothStores, WhatDoesNotFitComesOnceEachInTheNextAnswers) {
  const auto before = world.changes("bob", group);
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(world.say("alice", group, std::to_string(i)));
  ChangesRequest request = behind(group, *before);
  request.limit = 3;
  Texts found;
  for (const bool more : {true, true, false}) {
    const auto changes = ask("bob", request);
    ASSERT_TRUE(changes.has_value());
    EXPECT_EQ(changes->more, more);
    EXPECT_EQ(changes->digest.has_value(), !more);
    for (const std::string& text : texts(*changes)) found.push_back(text);
    request.cursor = changes->cursor;
  }
  std::ranges::sort(found);
  EXPECT_EQ(found, (Texts{"0", "1", "2", "3", "4", "5", "6"}));
}

TEST_P(SyncOverBothStores, ACursorOfAnotherGroupIsRefused) {
  const GroupId other = world.group({"alice", "bob"});
  const auto changes = world.changes("bob", other);
  EXPECT_EQ(world.changes("bob", group, changes->cursor).error().code, ErrorCode::InvalidCursor);
}

TEST_P(SyncOverBothStores, ACursorOfAnotherLifeOfTheStoreGoesOnByItsTime) {
  ASSERT_TRUE(world.say("alice", group, "old"));
  world.advance(20s);
  const auto before = world.changes("bob", group);
  ASSERT_TRUE(world.say("alice", group, "new"));
  world.messages.begin_epoch(2);
  const auto after = world.changes("bob", group, before->cursor);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(texts(*after), Texts{"new"});
  EXPECT_TRUE(world.changes("bob", group, after->cursor).has_value());
}

TEST_P(SyncOverBothStores, ATimeReturnsWhatArrivedSince) {
  ASSERT_TRUE(world.say("alice", group, "before"));
  world.advance(20s);
  ChangesRequest request;
  request.group = group;
  request.since = world.clock.now();
  const auto late = world.draft("alice", group, "late");
  world.advance(20s);
  ASSERT_TRUE(world.send(late));
  EXPECT_EQ(texts(*ask("bob", request)), Texts{"late"});
}

TEST_P(SyncOverBothStores, ADeletedMessageHasNoBody) {
  const auto before = world.changes("bob", group);
  const auto said = world.say("alice", group, "secret");
  Content removal;
  removal.kind = Kind::Delete;
  removal.target = *said;
  ASSERT_TRUE(world.send(world.draft("alice", group, removal)));
  const auto after = world.changes("bob", group, before->cursor);
  ASSERT_EQ(after->messages.size(), 2u);
  EXPECT_TRUE(after->messages[0].deleted);
  EXPECT_EQ(texts(*after), (Texts{"", ""}));
}

TEST_P(SyncOverBothStores, AnEditOfWhatIsOlderThanTheReaderMaySeeHasNoBody) {
  Group since_joined;
  since_joined.history = HistoryRule::SinceJoined;
  const GroupId friends = world.group({"alice", "bob"}, since_joined);
  const auto said = world.say("alice", friends, "the old plan");
  world.advance(1'000ms);
  world.put(friends, "carol", Role::Member);
  Content edit;
  edit.kind = Kind::Edit;
  edit.target = *said;
  edit.text = "the old plan, corrected";
  ASSERT_TRUE(world.send(world.draft("alice", friends, edit)));
  const auto newcomer = world.changes("carol", friends);
  ASSERT_EQ(newcomer->messages.size(), 1u);
  EXPECT_TRUE(newcomer->messages[0].deleted);
  EXPECT_EQ(newcomer->messages[0].message.content.text, "");
  EXPECT_EQ(texts(*world.changes("bob", friends)), (Texts{"the old plan", edit.text}));
}

TEST_P(SyncOverBothStores, APullStopsWhereItsLimitIsUsedUp) {
  const GroupId other = world.group({"alice", "bob"});
  for (const GroupId each : {group, other}) {
    ASSERT_TRUE(world.say("alice", each, "one"));
    ASSERT_TRUE(world.say("alice", each, "two"));
  }
  PullRequest request;
  request.groups = {{group, {}}, {GroupId{Uuid::v4()}, {}}, {other, {}}};
  request.limit = 2;
  const auto results = world.run(world.sync.pull(world.user("bob"), request));
  ASSERT_EQ(results->size(), 3u);
  EXPECT_EQ(texts(*results->at(0).changes), (Texts{"one", "two"}));
  EXPECT_EQ(results->at(1).changes.error().code, ErrorCode::UnknownGroup);
  const Changes& last = *results->at(2).changes;
  EXPECT_TRUE(last.messages.empty() && last.more && last.cursor.empty());
}

TEST_P(SyncOverBothStores, LimitsAreKeptAtTheirEdges) {
  ChangesRequest request;
  request.group = group;
  for (const std::size_t limit : {1u, 200u}) {
    request.limit = limit;
    EXPECT_TRUE(ask("bob", request).has_value()) << limit;
  }
  for (const std::size_t limit : {0u, 201u}) {
    request.limit = limit;
    EXPECT_EQ(ask("bob", request).error().code, ErrorCode::InvalidRequest) << limit;
  }
  request.limit = 1;
  request.cursor = world.changes("bob", group)->cursor;
  request.since = world.clock.now();
  EXPECT_EQ(ask("bob", request).error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(world.changes("carol", group).error().code, ErrorCode::UnknownGroup);
}

TEST(Sync, AnExactStoreReturnsEverythingHoweverMuchItIs) {
  World world;
  const GroupId group = world.group({"alice", "bob"});
  auto changes = world.changes("bob", group);
  for (int i = 0; i < 1'001; ++i) ASSERT_TRUE(world.say("alice", group, "hello"));
  std::size_t found = 0;
  do {
    changes = world.changes("bob", group, changes->cursor);
    EXPECT_FALSE(changes->skipped.has_value());
    found += changes->messages.size();
  } while (changes->more);
  EXPECT_EQ(found, 1'001u);
}

TEST(Sync, AStoreWithManyWritersSkipsWhatExceedsAThousandRowsAndNamesIt) {
  World world(/*seed=*/1, Plays::ManyWriters);
  const GroupId group = world.group({"alice", "bob"});
  const auto before = world.changes("bob", group);
  const auto first = world.say("alice", group, "0");
  for (int i = 1; i <= 1'000; ++i) ASSERT_TRUE(world.say("alice", group, std::to_string(i)));
  const auto after = world.changes("bob", group, before->cursor);
  EXPECT_EQ(after->messages.size(), kPageLimitDefault);
  EXPECT_EQ(after->messages.back().message.content.text, "1000");
  ASSERT_TRUE(after->skipped.has_value());
  EXPECT_LE(after->skipped->from, *first);
  EXPECT_EQ(after->skipped->to, after->messages.front().message.id);
  EXPECT_FALSE(after->digest.has_value());
  const auto next = world.changes("bob", group, after->cursor);
  EXPECT_TRUE(next->messages.empty() && !next->more && !next->skipped && next->digest);
}

TEST(Sync, ASkipInTheMiddleOfARoundCoversWhatBecameVisibleBehindItsPages) {
  World world(/*seed=*/1, Plays::ManyWriters);
  const GroupId group = world.group({"alice", "bob"});
  const auto before = world.changes("bob", group);
  const auto slow = world.draft("alice", group, "sent first, visible last");
  world.faults.hold({StoreMethod::Append});
  auto sending = world.start(world.send_message.run(slow.author, slow.request));
  world.faults.hold({});
  for (int i = 0; i <= 200; ++i) ASSERT_TRUE(world.say("alice", group, std::to_string(i)));
  const auto page = world.changes("bob", group, before->cursor);
  ASSERT_TRUE(page->more);
  ASSERT_GT(page->messages.front().message.id, slow.id());

  world.faults.release();
  world.settle();
  ASSERT_TRUE(sending.result().has_value());
  for (int i = 0; i <= 1'000; ++i) ASSERT_TRUE(world.say("alice", group, std::to_string(i)));
  const auto after = world.changes("bob", group, page->cursor);
  ASSERT_TRUE(after->skipped.has_value());
  EXPECT_LE(after->skipped->from, slow.id());
}

// A store with many writers, and a group whose members are not told, so that a read may be reused:
// bob's cursor is older than a read that carol makes.
class ReusedRead : public testing::Test {
 protected:
  void read_by_carol_between_one_and_two(Group wanted) {
    group = world.group({"alice", "bob", "carol"}, wanted);
    const auto at_first = world.changes("bob", group);
    cursor = at_first->cursor;
    world.advance(1'500ms);
    ASSERT_TRUE(world.say("alice", group, "one"));
    ASSERT_EQ(texts(*world.changes("carol", group, cursor)), Texts{"one"});
    ASSERT_TRUE(world.say("alice", group, "two"));
  }

  World world{/*seed=*/1, Plays::ManyWriters};
  GroupId group;
  std::string cursor;
};

TEST_F(ReusedRead, ComesWithoutADigestBecauseTheReaderMayHaveMore) {
  read_by_carol_between_one_and_two(of_many());
  const auto reused = world.changes("bob", group, cursor);
  EXPECT_EQ(texts(*reused), Texts{"one"});
  EXPECT_FALSE(reused->more);
  EXPECT_FALSE(reused->digest.has_value());
}

TEST_F(ReusedRead, IsRefusedByWhoeverAsksForAFreshOne) {
  read_by_carol_between_one_and_two(of_many());
  ChangesRequest request;
  request.group = group;
  request.cursor = cursor;
  request.fresh = true;
  const auto fresh = world.run(world.sync.changes(world.user("bob"), request));
  EXPECT_EQ(texts(*fresh), (Texts{"one", "two"}));
  EXPECT_TRUE(fresh->digest.has_value());
}

TEST_F(ReusedRead, IsNotGivenWhereMembersAreTold) {
  read_by_carol_between_one_and_two({});
  EXPECT_EQ(texts(*world.changes("bob", group, cursor)), (Texts{"one", "two"}));
}

TEST_F(ReusedRead, IsAtMostASecondOld) {
  read_by_carol_between_one_and_two(of_many());
  world.advance(999ms);
  EXPECT_EQ(texts(*world.changes("bob", group, cursor)), Texts{"one"});
  world.advance(1ms);
  EXPECT_EQ(texts(*world.changes("bob", group, cursor)), (Texts{"one", "two"}));
}

TEST_F(ReusedRead, DoesNotLookYoungAfterTheClockWasSetBack) {
  read_by_carol_between_one_and_two(of_many());
  world.clock.step(-20s);
  let_pass(world, 20s);
  EXPECT_EQ(texts(*world.changes("bob", group, cursor)), (Texts{"one", "two"}));
}

TEST_F(ReusedRead, DoesNotLookYoungAfterTheMachineSlept) {
  read_by_carol_between_one_and_two(of_many());
  world.clock.step(1h);  // the monotonic clock stood still
  EXPECT_EQ(texts(*world.changes("bob", group, cursor)), (Texts{"one", "two"}));
}

TEST(Sync, NoWatermarkIsTakenWhileTheClockIsOut) {
  World world(/*seed=*/1, Plays::ManyWriters);
  const GroupId group = world.group({"alice", "bob"});
  const auto before = world.changes("bob", group);
  world.faults.hold_reads();
  world.clock.step(-5s);
  auto next = world.start(world.sync.changes(world.user("bob"), behind(group, *before)));
  ChangesRequest request;
  request.group = group;
  auto newest = world.start(world.sync.changes(world.user("bob"), request));
  // It is right again when they are answered, but the time of their reads was not.
  world.clock.step(5s);
  let_pass(world, 20s);
  world.faults.release();
  world.settle();
  EXPECT_EQ(next.result().error().code, ErrorCode::Unavailable);
  EXPECT_EQ(newest.result().error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(world.changes("bob", group, before->cursor).has_value());
}

TEST(Sync, UnreadIsNotTooLowWhereRowsBecomeVisibleOutOfOrder) {
  World world(/*seed=*/1, Plays::ManyWriters);
  const GroupId group = world.group({"alice", "bob"});
  const auto slow = world.draft("alice", group, "stamped first, visible last");
  const auto quick = world.draft("bob", group, "stamped last, visible first");
  world.faults.hold({StoreMethod::Append});
  auto sending = world.start(world.send_message.run(slow.author, slow.request));
  world.faults.hold({});
  world.advance(10ms);
  ASSERT_TRUE(world.send(quick));
  const auto changes = world.changes("bob", group);
  ASSERT_EQ(changes->messages.size(), 1u);
  ASSERT_TRUE(world.run(world.read_marks.put(world.user("bob"), group, changes->cursor)));
  world.faults.release();
  world.settle();
  ASSERT_TRUE(sending.result().has_value());
  EXPECT_EQ(world.run(world.read_marks.unread(world.user("bob"), group))->count, 1u);
}

}  // namespace
}  // namespace tidings
