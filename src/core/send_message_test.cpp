#include "core/send_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/test_world.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Plays = World::Plays;

class SendMessageTest : public testing::TestWithParam<Plays> {
 protected:
  Result<SendReceipt> run(const World::Draft& draft) {
    return world.run(world.send_message.run(draft.author, draft.request));
  }
  ErrorCode refusal(const World::Draft& draft) {
    const auto receipt = run(draft);
    EXPECT_FALSE(receipt.has_value());
    return receipt ? ErrorCode::Internal : receipt.error().code;
  }
  // As if the author's clock were off by that much.
  World::Draft sent_at(Time time) {
    auto draft = world.draft("alice", group, "hello");
    draft.request.id = MessageId::mint(time, draft.author.user);
    return draft;
  }
  World::Draft amendment(const std::string& author, Kind kind, MessageId target) {
    Content content;
    content.kind = kind;
    content.target = target;
    if (kind == Kind::Edit) content.text = "edited";
    if (kind == Kind::Reaction) content.emoji = "+";
    return world.draft(author, group, content);
  }
  void let_pass(seconds time) {
    for (; time > 0s; time -= 1s) {
      world.advance(1s);
      world.run(world.clock_guard.check());
    }
  }

  World world{/*seed=*/1, GetParam()};
  const GroupId group = world.group({"alice", "bob", "carol"});
};

INSTANTIATE_TEST_SUITE_P(OneWriter, SendMessageTest, testing::Values(Plays::OneWriter));
INSTANTIATE_TEST_SUITE_P(ManyWriters, SendMessageTest, testing::Values(Plays::ManyWriters));

TEST_P(SendMessageTest, ARetryIsAnsweredWithTheRowOfTheFirst) {
  const auto draft = world.draft("alice", group, "hello");
  const auto first = run(draft);
  EXPECT_TRUE(first->any_new);
  for (const milliseconds later : {1ms, 1'500ms, 90'000ms}) {
    world.advance(later);
    const auto again = run(draft);
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->any_new);
    EXPECT_EQ(again->targets[0].outcome, Stored::Already);
    EXPECT_EQ(again->received_at, first->received_at);
    EXPECT_FALSE(again->late);
  }
  EXPECT_EQ(world.history("bob", group).size(), 1u);
}

TEST_P(SendMessageTest, ARetryAtAnotherWorkerWithinASecondIsKnownByWhatItCost) {
  SendMessage elsewhere(world.messages, world.groups, world.directory, world.throttle, world.marker,
                        world.clock_guard, world.clock);
  auto draft = world.draft("alice", group, "hello");
  ASSERT_TRUE(run(draft));
  const auto again = world.run(elsewhere.run(draft.author, draft.request));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->targets[0].outcome, Stored::Already);
  draft.request.content.text = "something else";
  const auto other = world.run(elsewhere.run(draft.author, draft.request));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::IdConflict);
}

TEST_P(SendMessageTest, ARuleThatChangedSinceRefusesNoRetry) {
  auto mention = world.draft("bob", group, "hello @carol");
  mention.request.content.mentions = {"carol"};
  const auto direct = world.draft("bob", "carol", "hello");
  ASSERT_TRUE(run(mention).has_value());
  ASSERT_TRUE(run(direct).has_value());
  world.put(group, "carol", Role::None);
  world.put(group, "bob", Role::Reader);
  ASSERT_TRUE(
      world.run(world.users.put_block(world.user("carol").user, world.user("bob").user, true)));
  world.advance(5s);
  for (const auto& draft : {mention, direct}) {
    const auto again = run(draft);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->targets[0].outcome, Stored::Already);
  }
  EXPECT_EQ(refusal(world.draft("bob", group, "hello")), ErrorCode::Forbidden);
  EXPECT_EQ(refusal(world.draft("bob", "carol", "hello")), ErrorCode::NotAccepted);
}

// Else one token would buy as many messages as there are groups.
TEST_P(SendMessageTest, AnIdThatWasGrantedPaysForEachTargetInWhichItIsStored) {
  auto draft = world.draft("alice", group, "hello");
  draft.author.send_burst = 2;
  draft.author.send_per_seconds = 1'000;
  ASSERT_TRUE(run(draft));
  const auto send_to_another = [&] {
    const GroupId another = world.group({"alice"});
    draft.request.to = {{another.to_string(), another}};
  };
  send_to_another();
  EXPECT_TRUE(run(draft).has_value());
  EXPECT_TRUE(run(draft).has_value());  // a retry
  send_to_another();
  EXPECT_EQ(refusal(draft), ErrorCode::TooManyRequests);
}

TEST_P(SendMessageTest, WhatIsStoredIsCountedForItsGroupOnce) {
  const auto draft = world.draft("alice", group, "hello");
  EXPECT_TRUE(run(draft).has_value());
  world.advance(2s);
  EXPECT_TRUE(run(draft).has_value());
  EXPECT_TRUE(run(world.draft("bob", group, "hello")).has_value());
  BusyGroups& counted = world.send_message.busy_groups();
  EXPECT_EQ(counted.total(), 2u);
  const auto busiest = counted.busiest(10, world.clock.monotonic());
  ASSERT_EQ(busiest.size(), 1u);
  EXPECT_EQ(busiest.front().group, group);
}

// Another worker was given other content under the same id a moment ago.
class ContestingThrottle final : public Throttle {
 public:
  explicit ContestingThrottle(Throttle& throttle) : throttle_(throttle) {}

  Task<Result<Allowance>> take(UserId user, ThrottlePolicy policy, std::uint32_t cost) override {
    return throttle_.take(user, policy, cost);
  }
  Task<Result<Allowance>> take_send(UserId user, ThrottlePolicy send, ThrottlePolicy read,
                                    std::uint32_t cost, SendAttempt attempt) override {
    auto allowance = co_await throttle_.take_send(user, send, read, cost, attempt);
    if (allowance) allowance->replay = allowance->contested = true;
    co_return allowance;
  }

 private:
  Throttle& throttle_;
};

TEST_P(SendMessageTest, ContentThatComesSecondWaitsUntilItIsKnownWhatBecameOfTheFirst) {
  ContestingThrottle throttle(world.throttle);
  SendMessage elsewhere(world.messages, world.groups, world.directory, throttle, world.marker,
                        world.clock_guard, world.clock);
  const auto first = world.draft("alice", group, "first");
  auto second = first;
  second.request.content.text = "second";
  const auto waits = world.run(elsewhere.run(second.author, second.request));
  ASSERT_FALSE(waits.has_value());
  EXPECT_EQ(waits.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(waits.error().retry_after, 5s);
  EXPECT_TRUE(world.history("bob", group).empty());

  auto loses = world.start(elsewhere.run(second.author, second.request));
  world.advance(200ms);
  EXPECT_FALSE(loses.is_done());
  ASSERT_TRUE(run(first));
  world.advance(100ms);
  ASSERT_TRUE(loses.is_done());
  ASSERT_FALSE(loses.result().has_value());
  EXPECT_EQ(loses.result().error().code, ErrorCode::IdConflict);
  world.run(elsewhere.stop());
}

TEST_P(SendMessageTest, OtherContentUnderAnIdIsAConflictThatChangesNothing) {
  auto draft = world.draft("alice", group, "first");
  ASSERT_TRUE(run(draft));
  draft.request.content.text = "second";
  EXPECT_EQ(refusal(draft), ErrorCode::IdConflict);
  world.advance(90s);
  EXPECT_EQ(refusal(draft), ErrorCode::IdConflict);
  EXPECT_EQ(world.history("bob", group)[0].message.content.text, "first");
}

TEST_P(SendMessageTest, AnIdOfSomebodyElseBecomesOnesOwn) {
  const auto hers = world.draft("alice", group, "hers");
  auto his = world.draft("bob", group, "his");
  his.request.id = hers.request.id;
  const auto receipt = run(his);
  EXPECT_NE(receipt->id, hers.id());
  EXPECT_EQ(receipt->id, hers.id().tagged(his.author.user));
  EXPECT_EQ(run(hers)->id, hers.id());
  EXPECT_EQ(world.history("carol", group).size(), 2u);
}

TEST_P(SendMessageTest, ALateRearrivalIsShownAgainAndNotedAtMostOnceAMinute) {
  const auto before = world.changes("bob", group);
  const auto draft = world.draft("alice", group, "hello");
  ASSERT_TRUE(run(draft));
  world.advance(30s);
  const auto passed = world.changes("bob", group, before->cursor);
  ASSERT_TRUE(run(draft));
  EXPECT_EQ(world.changes("bob", group, passed->cursor)->messages.size(), 1u);
  // Whoever repeats it then makes no write: this one would fail.
  world.faults.fail_writes_before = 1;
  world.advance(60s);
  EXPECT_TRUE(run(draft).has_value());
  EXPECT_EQ(world.faults.fail_writes_before, 1);
  world.advance(2s);
  EXPECT_EQ(refusal(draft), ErrorCode::Unavailable);
}

TEST_P(SendMessageTest, AWriteAcrossASleepOfTheMachineArrivesAnew) {
  const auto draft = world.draft("alice", group, "hello");
  world.faults.hold({StoreMethod::Append});
  auto sending = world.start(world.send_message.run(draft.author, draft.request));
  world.clock.step(8h);  // the monotonic clock stood still
  world.faults.release();
  world.settle();
  let_pass(20s);
  ASSERT_TRUE(sending.is_done());
  const auto late = world.run(world.messages.read_late(group, {}, 10));
  ASSERT_GE(late->size(), 1u);
  EXPECT_GE(late->back().received_at, draft.id().sent_at() + 8h);
}

TEST_P(SendMessageTest, NothingIsStampedByAClockThatWasSetBack) {
  const auto draft = world.draft("alice", group, "hello");
  world.clock.step(-5s);
  EXPECT_EQ(refusal(draft), ErrorCode::Unavailable);
  EXPECT_TRUE(world.history("bob", group).empty());
  let_pass(12s);
  EXPECT_TRUE(run(draft).has_value());
}

TEST_P(SendMessageTest, NothingIsStampedByAClockThatWasSetBackWhileTheRowWasLookedFor) {
  const auto draft = world.draft("alice", group, "hello");
  world.advance(2s);  // so that it is looked for first
  world.faults.hold({StoreMethod::Read});
  auto sending = world.start(world.send_message.run(draft.author, draft.request));
  ASSERT_FALSE(sending.is_done());
  world.clock.step(-5s);
  world.faults.release();
  world.settle();
  EXPECT_EQ(sending.result().error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(world.history("bob", group).empty());
}

TEST_P(SendMessageTest, TheTimeOfSendingIsJudgedAtItsEdges) {
  EXPECT_TRUE(run(sent_at(world.clock.now() + kClockAheadMax + 1ms)));  // minted 1 ms later
  EXPECT_EQ(refusal(sent_at(world.clock.now() + kClockAheadMax + 2ms)), ErrorCode::ClockAhead);
  EXPECT_TRUE(run(sent_at(world.clock.now() - kTooOldAfter + 1ms)));
  auto old = sent_at(world.clock.now() - kTooOldAfter);
  EXPECT_EQ(refusal(old), ErrorCode::TooOld);
  old.author.may_import = true;
  EXPECT_TRUE(run(old));
}

TEST_P(SendMessageTest, AMessageIsLateAfterFiveSeconds) {
  auto draft = world.draft("alice", group, "hello");
  world.advance(kLateAfter);
  EXPECT_FALSE(run(draft)->late);
  draft = world.draft("alice", group, "hello");
  world.advance(kLateAfter + 1ms);
  EXPECT_TRUE(run(draft)->late);
}

TEST_P(SendMessageTest, TargetsAreJudgedAlone) {
  const GroupId read_only = world.group({"bob"});
  world.put(read_only, "alice", Role::Reader);
  const GroupId unknown{Uuid::v4()};
  auto draft = world.draft("alice", group, "hello");
  for (const GroupId other : {unknown, read_only}) {
    draft.request.to.push_back({other.to_string(), other});
  }
  const auto receipt = run(draft);
  ASSERT_EQ(receipt->targets.size(), 3u);
  EXPECT_EQ(receipt->targets[0].outcome, Stored::New);
  EXPECT_EQ(receipt->targets[1].outcome.error().code, ErrorCode::UnknownGroup);
  EXPECT_EQ(receipt->targets[2].outcome.error().code, ErrorCode::Forbidden);

  draft.request.to.erase(draft.request.to.begin());
  EXPECT_EQ(refusal(draft), ErrorCode::UnknownGroup);
}

TEST_P(SendMessageTest, ARetryCompletesWhatAFailureLeft) {
  const GroupId other = world.group({"alice", "bob"});
  auto draft = world.draft("alice", group, "hello");
  draft.request.to.push_back({other.to_string(), other});
  world.faults.fail_writes_before = 1;
  const auto first = run(draft);
  EXPECT_EQ(first->targets[0].outcome.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(first->targets[1].outcome, Stored::New);
  const auto again = run(draft);
  EXPECT_EQ(again->targets[0].outcome, Stored::New);
  EXPECT_EQ(again->targets[1].outcome, Stored::Already);
}

TEST_P(SendMessageTest, TargetsAreOneToTenAndNoneTwice) {
  auto draft = world.draft("alice", group, "hello");
  draft.request.to.clear();
  EXPECT_EQ(refusal(draft), ErrorCode::InvalidRequest);
  for (int i = 0; i < 10; ++i) {
    const GroupId each = world.group({"alice"});
    draft.request.to.push_back({each.to_string(), each});
  }
  EXPECT_TRUE(run(draft));
  draft.request.to.push_back({group.to_string(), group});
  EXPECT_EQ(refusal(draft), ErrorCode::InvalidRequest);
  draft.request.to.resize(2);
  draft.request.to[1] = draft.request.to[0];
  EXPECT_EQ(refusal(draft), ErrorCode::InvalidRequest);
}

TEST_P(SendMessageTest, APersonAndTheGroupWithThemAreOneTarget) {
  auto draft = world.draft("alice", "bob", "hello");
  ASSERT_TRUE(run(draft));
  const GroupId direct = direct_group_id(draft.author.user, world.user("bob").user);
  draft.request.to.push_back({direct.to_string(), direct});
  const auto receipt = run(draft);
  EXPECT_EQ(receipt->targets[0].outcome, Stored::Already);
  EXPECT_EQ(receipt->targets[1].outcome.error().code, ErrorCode::InvalidRequest);
}

TEST_P(SendMessageTest, OnlyItsAuthorEditsAndOnlyTheyOrAModeratorDelete) {
  const auto said = world.say("bob", group, "hello");
  EXPECT_EQ(refusal(amendment("carol", Kind::Edit, *said)), ErrorCode::Forbidden);
  EXPECT_EQ(refusal(amendment("alice", Kind::Edit, *said)), ErrorCode::Forbidden);
  EXPECT_EQ(refusal(amendment("carol", Kind::Delete, *said)), ErrorCode::Forbidden);
  EXPECT_TRUE(run(amendment("bob", Kind::Edit, *said)));
  EXPECT_TRUE(run(amendment("alice", Kind::Delete, *said)));  // the owner
  EXPECT_TRUE(world.history("carol", group)[0].deleted);
}

TEST_P(SendMessageTest, AnAmendmentNeedsAMessageOfTheSameGroup) {
  const GroupId other = world.group({"alice"});
  const auto said = world.say("alice", other, "hello");
  EXPECT_EQ(refusal(amendment("alice", Kind::Delete, *said)), ErrorCode::UnknownMessage);
  const auto here = world.say("alice", group, "hello");
  const auto removal = amendment("alice", Kind::Delete, *here);
  ASSERT_TRUE(run(removal));
  EXPECT_EQ(refusal(amendment("alice", Kind::Delete, removal.id())), ErrorCode::InvalidRequest);
}

TEST_P(SendMessageTest, AMessageHasTwentyDifferentEmojiAtMost) {
  const auto said = world.say("alice", group, "hello");
  auto reaction = [&](int emoji, bool remove) {
    auto draft = amendment("bob", Kind::Reaction, *said);
    draft.request.content.emoji = std::string(1, static_cast<char>('a' + emoji));
    draft.request.content.remove = remove;
    return draft;
  };
  for (int emoji = 0; emoji < 20; ++emoji) EXPECT_TRUE(run(reaction(emoji, false))) << emoji;
  EXPECT_EQ(refusal(reaction(20, false)), ErrorCode::TooManyReactions);
  EXPECT_TRUE(run(reaction(0, true)));
  EXPECT_TRUE(run(reaction(20, false)));
}

TEST_P(SendMessageTest, ThereAreNoReactionsWhereMembersAreNotTold) {
  Group wanted;
  wanted.push = false;
  const GroupId large = world.group({"alice"}, wanted);
  const auto said = world.say("alice", large, "hello");
  Content reaction;
  reaction.kind = Kind::Reaction;
  reaction.target = *said;
  reaction.emoji = "+";
  EXPECT_EQ(refusal(world.draft("alice", large, reaction)), ErrorCode::NotHere);
}

TEST_P(SendMessageTest, OnlyMembersCanBeMentioned) {
  world.user("dave");
  Content content;
  content.text = "hello";
  for (const std::string stranger : {"dave", "nobody"}) {
    content.mentions = {"bob", stranger};
    const auto refused = run(world.draft("alice", group, content));
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidRequest);
    EXPECT_EQ(refused.error().fields.at(0).field, "mentions[1]");
  }
  content.mentions = {"bob"};
  EXPECT_TRUE(run(world.draft("alice", group, content)));
}

TEST_P(SendMessageTest, WhereOnlyModeratorsPostMembersDoNot) {
  Group wanted;
  wanted.post = PostRule::Moderators;
  const GroupId news = world.group({"alice", "bob"}, wanted);
  EXPECT_EQ(refusal(world.draft("bob", news, "hello")), ErrorCode::Forbidden);
  world.put(news, "bob", Role::Moderator);
  EXPECT_TRUE(run(world.draft("bob", news, "hello")));
}

TEST_P(SendMessageTest, MoreTargetsThanTheBucketWillEverPayAreNotToBeTriedAgain) {
  auto draft = world.draft("alice", group, "hello");
  draft.author.send_burst = 1;
  draft.author.send_per_seconds = 10;
  draft.request.to.push_back({"@bob", std::nullopt});
  const auto refused = run(draft);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(refused.error().fields.at(0).field, "to");
  draft.request.to.pop_back();
  EXPECT_TRUE(run(draft));  // and nothing was taken
}

TEST_P(SendMessageTest, ARetryWithinAMinuteCostsNoSend) {
  auto draft = world.draft("alice", group, "hello");
  draft.author.send_burst = 1;
  draft.author.send_per_seconds = 3600;
  ASSERT_TRUE(run(draft));
  EXPECT_TRUE(run(draft));
  draft.request.id = MessageId::mint(world.clock.now(), draft.author.user);
  EXPECT_EQ(refusal(draft), ErrorCode::TooManyRequests);
}

}  // namespace
}  // namespace tidings
