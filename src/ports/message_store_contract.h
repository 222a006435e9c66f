#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/limits.h"
#include "ports/message_store.h"
#include "ports/test_values.h"

// What every MessageStore must do. An adapter's test includes this file and instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Rocks, MessageStoreContract, testing::Values([] { … }));
//
// The maker's pointer may own more than the store (shared_ptr's aliasing constructor): it is
// dropped when the test ends. The store may hold other groups already, may be one of several
// processes on the same data, and need not see the earlier row in `append`.
namespace tidings::contract {

using MakeMessageStore = std::function<std::shared_ptr<MessageStore>()>;

class MessageStoreContract : public testing::TestWithParam<MakeMessageStore> {
 protected:
  const std::shared_ptr<MessageStore> store = GetParam()();
  const GroupId group = new_group_id();
  const UserId alice = new_user_id();
  const UserId bob = new_user_id();

  // A text of alice that was sent `at` after the start and arrived 40 ms later.
  Message text(milliseconds at, std::string body = "hello") const {
    return text_message(group, alice, kStart + at, kStart + at + milliseconds(40), std::move(body));
  }

  std::optional<Message> append(const Message& message, bool late = false) {
    return value_of(store->append(message, late));
  }
  Message appended(Message message) {
    EXPECT_EQ(append(message), std::nullopt);
    return message;
  }

  void seal(IdRange range, const DigestSum& sum) {
    const SealTicket ticket = value_of(store->begin_seal(group, range));
    succeed(store->seal(group, range, sum, ticket));
  }

  std::vector<Message> read(std::vector<MessageId> ids) {
    return value_of(store->read(group, std::move(ids)));
  }
  std::vector<Message> read_all(GroupId of) {
    return value_of(store->read_range(of, {}, Take::Oldest, 1'000));
  }
  std::vector<Amendment> amendments(std::vector<MessageId> targets) {
    return value_of(store->amendments(group, std::move(targets), kAnew));
  }
  std::optional<Time> head(GroupId of) { return value_of(store->heads({of})).at(0); }
};

// A row comes back byte for byte, by id and by range.

TEST_P(MessageStoreContract, ReturnsATextWithEveryFieldAsItWasStored) {
  Message message =
      text(seconds(0), "héllo, 你好, مرحبا, 👩‍👩‍👧‍👦\n\t\"\\");
  message.author_name = "service-7.b_c";
  message.content.links = {"https://example.org/?q=1&b=%20", "media:0193", ""};
  message.content.metadata = R"({"a":[1,2,{"b":"\u00e9"}],"z":null})";
  message.content.mentions = {"zoe", "bob"};
  message.content.reply_to = MessageId::mint(kStart - seconds(60), bob);
  appended(message);
  EXPECT_EQ(read({message.id}), std::vector{message});
  EXPECT_EQ(read_all(group), std::vector{message});
}

TEST_P(MessageStoreContract, ReturnsEveryKindAsItWasStored) {
  const Message target = appended(text(seconds(0)));
  std::vector<Message> all = {target};
  all.push_back(appended(edit_message(target, kStart + seconds(1), "hello again")));
  all.push_back(appended(reaction_message(target, bob, kStart + seconds(2), "👍")));
  all.push_back(appended(reaction_message(target, bob, kStart + seconds(3), "👍", true)));
  all.push_back(appended(amendment_message(target, bob, Kind::Delete, kStart + seconds(4))));
  Message opaque = text(seconds(5), "");
  opaque.content.kind = Kind::Opaque;
  opaque.content.scheme = "mls/1";
  opaque.content.metadata = "{}";
  for (int i = 0; i < 512; ++i) opaque.content.ciphertext.push_back(static_cast<char>(i));
  all.push_back(appended(opaque));
  EXPECT_EQ(read_all(group), all);
  EXPECT_EQ(read(ids_of(all)), all);
}

TEST_P(MessageStoreContract, ReturnsTheLargestBodiesAndEmptyOnes) {
  std::string longest;
  for (std::size_t i = 0; i < kTextCodePointsMax; ++i) longest += "😀";
  const Message large = appended(text(seconds(0), longest));
  const Message empty = appended(text(seconds(1), ""));
  Message opaque = text(seconds(2), "");
  opaque.content.kind = Kind::Opaque;
  opaque.content.scheme = "s";
  for (std::size_t i = 0; i < kCiphertextBytesMax; ++i) {
    opaque.content.ciphertext.push_back(static_cast<char>(i * 31 >> 3));
  }
  appended(opaque);
  EXPECT_EQ(read_all(group), (std::vector{large, empty, opaque}));
}

// First received wins.

TEST_P(MessageStoreContract, StoresARepeatedMessageOnce) {
  const Message first = appended(text(seconds(0)));
  Message again = first;
  again.received_at += seconds(9);
  const auto earlier = append(again, true);
  EXPECT_EQ(earlier.value_or(first), first);
  EXPECT_EQ(read_all(group), std::vector{first});
  EXPECT_EQ(read({first.id}), std::vector{first});
}

TEST_P(MessageStoreContract, ShowsTheFirstOfTwoContentsUnderOneId) {
  const Message first = appended(text(seconds(0), "the first"));
  Message second = first;
  second.content.text = "another";
  second.received_at += milliseconds(1);
  const auto earlier = append(second);
  EXPECT_EQ(earlier.value_or(first), first);
  EXPECT_EQ(read_all(group), std::vector{first});
}

TEST_P(MessageStoreContract, ShowsOneWinnerWhenTheSecondWriteCarriesTheEarlierArrival) {
  const Message written_first = appended(text(seconds(0), "written first"));
  Message stamped_first = written_first;
  stamped_first.content.text = "stamped first";
  stamped_first.received_at -= milliseconds(1);
  const auto earlier = append(stamped_first);
  EXPECT_EQ(earlier.value_or(written_first), written_first);
  const Message winner = earlier ? written_first : stamped_first;
  EXPECT_EQ(read_all(group), std::vector{winner});
  EXPECT_EQ(read({winner.id}), std::vector{winner});
}

TEST_P(MessageStoreContract, ShowsOneWinnerOfAWriteRace) {
  const Message offer = text(seconds(0));
  std::vector<Message> offers;
  for (int i = 0; i < 4; ++i) {
    offers.push_back(offer);
    offers.back().content.text = "offer " + std::to_string(i);
    offers.back().received_at += milliseconds(i);
  }
  std::vector<std::jthread> senders;
  for (const Message& each : offers) {
    senders.emplace_back([this, &each] { value_of(store->append(each, false)); });
  }
  senders.clear();
  const auto shown = read_all(group);
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_NE(std::ranges::find(offers, shown[0]), offers.end());
  EXPECT_EQ(read({offer.id}), shown);
}

TEST_P(MessageStoreContract, KeepsEveryMessageOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::vector<std::vector<Message>> sent(kThreads);
  std::vector<std::jthread> senders;
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kEach; ++i) {
      sent[t].push_back(text(milliseconds(i), std::to_string(t) + "/" + std::to_string(i)));
    }
    senders.emplace_back([this, &mine = sent[t]] {
      for (const Message& each : mine) value_of(store->append(each, false));
    });
  }
  senders.clear();
  std::vector<Message> all;
  for (const auto& mine : sent) all.insert(all.end(), mine.begin(), mine.end());
  EXPECT_EQ(read_all(group), by_id(all));
  EXPECT_EQ(head(group), kStart + milliseconds(kEach - 1 + 40));
}

// Ids and ranges.

TEST_P(MessageStoreContract, HoldsNothingInAGroupThatNeverSpoke) {
  EXPECT_EQ(read_all(group), std::vector<Message>{});
  EXPECT_EQ(read({text(seconds(0)).id}), std::vector<Message>{});
  EXPECT_EQ(value_of(store->read_ids(group, {}, Take::Newest, 10)), std::vector<MessageId>{});
  EXPECT_EQ(value_of(store->read_late(group, {}, 10)), std::vector<LateArrival>{});
  EXPECT_EQ(amendments({text(seconds(0)).id}), std::vector<Amendment>{});
}

TEST_P(MessageStoreContract, ReadsTheIdsThatExistInAscendingOrder) {
  const Message first = appended(text(seconds(0), "1"));
  const Message second = appended(text(seconds(1), "2"));
  const Message third = appended(text(std::chrono::hours(24 * 400), "3"));
  const MessageId unknown = text(seconds(1)).id;
  EXPECT_EQ(read({third.id, unknown, first.id}), (std::vector{first, third}));
  EXPECT_EQ(read({second.id}), std::vector{second});
  EXPECT_EQ(read({unknown}), std::vector<Message>{});
  EXPECT_EQ(read({}), std::vector<Message>{});
}

TEST_P(MessageStoreContract, ReadsAThousandIdsAtOnce) {
  std::vector<Message> all;
  for (int i = 0; i < 1'000; ++i) all.push_back(appended(text(milliseconds(i), "")));
  EXPECT_EQ(read(ids_of(all)), all);
}

TEST_P(MessageStoreContract, IncludesTheFirstBoundAndExcludesTheSecond) {
  std::vector<Message> all;
  for (int i = 0; i < 5; ++i) all.push_back(appended(text(seconds(i))));
  const auto range = [&](MessageId from, MessageId to) {
    return value_of(store->read_range(group, {from, to}, Take::Oldest, 10));
  };
  EXPECT_EQ(range(all[1].id, all[3].id), (std::vector{all[1], all[2]}));
  EXPECT_EQ(range(all[3].id, kLastMessageId), (std::vector{all[3], all[4]}));
  EXPECT_EQ(range(kFirstMessageId, all[1].id), std::vector{all[0]});
  EXPECT_EQ(range(all[2].id, all[2].id), std::vector<Message>{});
  EXPECT_EQ(range(all[3].id, all[1].id), std::vector<Message>{});
  const auto at = [&](int i) { return MessageId::floor(kStart + seconds(i)); };
  EXPECT_EQ(range(at(2), at(3)), std::vector{all[2]});
}

TEST_P(MessageStoreContract, LimitsARangeFromTheEndThatIsAsked) {
  std::vector<Message> all;
  for (int i = 0; i < 5; ++i) all.push_back(appended(text(seconds(i))));
  const auto take = [&](Take end, std::size_t limit) {
    return value_of(store->read_range(group, {all[0].id, all[4].id}, end, limit));
  };
  EXPECT_EQ(take(Take::Oldest, 2), (std::vector{all[0], all[1]}));
  EXPECT_EQ(take(Take::Newest, 2), (std::vector{all[2], all[3]}));
  EXPECT_EQ(take(Take::Newest, 4), (std::vector{all[0], all[1], all[2], all[3]}));
  EXPECT_EQ(take(Take::Oldest, 0), std::vector<Message>{});
  EXPECT_EQ(take(Take::Newest, 0), std::vector<Message>{});
}

// From one message a millisecond to one a year, written in any order: what a store that splits
// groups by time gets wrong.
TEST_P(MessageStoreContract, ReadsAnyRangeAsASortedMapWould) {
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  const auto pick = [&random](std::size_t below) { return random() % below; };
  const milliseconds scales[] = {milliseconds(1), seconds(30), std::chrono::hours(5),
                                 std::chrono::hours(24 * 90)};
  std::map<MessageId, Message> model;
  for (int i = 0; i < 300; ++i) {
    const auto scale = scales[pick(4)];
    const Message each = text(scale * static_cast<int>(pick(12)), std::to_string(i));
    appended(each);
    model.emplace(each.id, each);
  }
  const auto any_bound = [&] {
    if (pick(8) == 0) return pick(2) == 0 ? kFirstMessageId : kLastMessageId;
    return std::next(model.begin(), static_cast<int>(pick(model.size())))->first;
  };
  for (int i = 0; i < 200; ++i) {
    const auto [from, to] = std::minmax({any_bound(), any_bound()});
    const Take end = pick(2) == 0 ? Take::Oldest : Take::Newest;
    const std::size_t limit = 1 + pick(pick(4) == 0 ? 300 : 20);
    std::vector<Message> expected;
    for (auto at = model.lower_bound(from); at != model.lower_bound(to); ++at) {
      expected.push_back(at->second);
    }
    if (expected.size() > limit && end == Take::Oldest) expected.resize(limit);
    if (expected.size() > limit) expected.erase(expected.begin(), expected.end() - limit);
    ASSERT_EQ(value_of(store->read_range(group, {from, to}, end, limit)), expected);
    ASSERT_EQ(value_of(store->read_ids(group, {from, to}, end, limit)), ids_of(expected));
  }
}

// The late index.

TEST_P(MessageStoreContract, ListsLateArrivalsByTheTimeOfArrival) {
  Message long_ago = text(seconds(0));
  Message yesterday = text(seconds(1));
  const Message on_time = appended(text(seconds(2)));
  yesterday.received_at = kStart + std::chrono::hours(30);
  long_ago.received_at = kStart + std::chrono::hours(31);
  append(long_ago, true);
  append(yesterday, true);
  const LateArrival first{yesterday.received_at, yesterday.id};
  const LateArrival second{long_ago.received_at, long_ago.id};
  EXPECT_EQ(value_of(store->read_late(group, {}, 10)), (std::vector{first, second}));
  EXPECT_EQ(read_all(group), by_id({long_ago, yesterday, on_time}));
}

TEST_P(MessageStoreContract, PagesThroughLateArrivals) {
  std::set<LateArrival> all;
  for (int i = 0; i < 40; ++i) {
    Message late = text(milliseconds(i));
    // Three at a time arrive in the same millisecond, and some hours pass now and then.
    late.received_at = kStart + std::chrono::hours(i / 9) + seconds(60) + milliseconds(i / 3);
    append(late, true);
    all.insert({late.received_at, late.id});
  }
  std::vector<LateArrival> paged;
  LateArrival after;
  for (;;) {
    const auto page = value_of(store->read_late(group, after, 7));
    EXPECT_LE(page.size(), 7u);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(paged, std::vector(all.begin(), all.end()));
  const LateArrival from_a_time{kStart + std::chrono::hours(2), kFirstMessageId};
  EXPECT_EQ(value_of(store->read_late(group, from_a_time, 100)),
            std::vector(all.upper_bound(from_a_time), all.end()));
}

TEST_P(MessageStoreContract, ListsAMessageAgainWhenItArrivedAgain) {
  Message late = text(seconds(0));
  late.received_at = kStart + seconds(60);
  append(late, true);
  const LateArrival again{kStart + seconds(90), late.id};
  succeed(store->index_late(group, again));
  succeed(store->index_late(group, again));
  const LateArrival first{late.received_at, late.id};
  EXPECT_EQ(value_of(store->read_late(group, {}, 10)), (std::vector{first, again}));
  EXPECT_EQ(value_of(store->read_late(group, first, 10)), std::vector{again});
  EXPECT_EQ(value_of(store->read_late(group, again, 10)), std::vector<LateArrival>{});
  EXPECT_EQ(head(group), again.received_at);
  EXPECT_EQ(read_all(group), std::vector{late});
}

// Amendments.

TEST_P(MessageStoreContract, KeepsTheLaterSentEditWhateverTheOrderOfArrival) {
  const Message target = appended(text(seconds(0)));
  const Message second = appended(edit_message(target, kStart + seconds(20), "second"));
  const Message first = appended(edit_message(target, kStart + seconds(10), "first"));
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(second)});
  const Message third = appended(edit_message(target, kStart + seconds(30), "third"));
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(third)});
  EXPECT_EQ(read_all(group), (std::vector{target, first, second, third}));
}

TEST_P(MessageStoreContract, KeepsTheGreaterIdOfTwoEditsOfOneMillisecond) {
  const Message target = appended(text(seconds(0)));
  std::vector<Message> edits;
  for (int i = 0; i < 5; ++i) {
    edits.push_back(appended(edit_message(target, kStart + seconds(1), std::to_string(i))));
  }
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(by_id(edits).back())});
}

TEST_P(MessageStoreContract, KeepsOneAmendmentASlot) {
  const Message target = appended(text(seconds(0)));
  std::map<std::string, Amendment> expected;
  const auto amend = [&](const Message& message) {
    appended(message);
    expected[slot_of(*amendment_of(message))] = *amendment_of(message);
  };
  amend(edit_message(target, kStart + seconds(1), "hello again"));
  amend(reaction_message(target, bob, kStart + seconds(2), "👍"));
  amend(reaction_message(target, alice, kStart + seconds(3), "👍"));
  amend(reaction_message(target, bob, kStart + seconds(4), ":+1:"));
  amend(reaction_message(target, bob, kStart + seconds(5), "👍🏽"));
  amend(reaction_message(target, bob, kStart + seconds(6), "👍", true));
  amend(amendment_message(target, bob, Kind::Delete, kStart + seconds(7)));
  std::map<std::string, Amendment> found;
  for (const Amendment& each : amendments({target.id})) {
    EXPECT_TRUE(found.emplace(slot_of(each), each).second) << slot_of(each);
  }
  EXPECT_EQ(found, expected);
}

TEST_P(MessageStoreContract, KeepsARemovedReactionAsAValueThatAnEarlierSentOneDoesNotUndo) {
  const Message target = appended(text(seconds(0)));
  const Message removed =
      appended(reaction_message(target, bob, kStart + seconds(2), "👍", /*remove=*/true));
  appended(reaction_message(target, bob, kStart + seconds(1), "👍"));
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(removed)});
  const Message again = appended(reaction_message(target, bob, kStart + seconds(3), "👍"));
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(again)});
}

TEST_P(MessageStoreContract, ReturnsTheAmendmentsOfTheTargetsThatAreAskedForAlone) {
  std::vector<Message> targets;
  std::vector<Amendment> expected;
  for (int i = 0; i < 5; ++i) {
    // Neighbours of one millisecond and of different years.
    targets.push_back(appended(text(std::chrono::hours(24 * 300) * (i / 2))));
  }
  targets = by_id(targets);
  for (const Message& target : targets) {
    const Message edit = edit_message(target, target.sent_at() + seconds(1), "edited");
    appended(edit);
    expected.push_back(*amendment_of(edit));
  }
  EXPECT_EQ(amendments(ids_of(targets)), expected);
  EXPECT_EQ(amendments({targets[2].id}), std::vector{expected[2]});
  EXPECT_EQ(amendments({targets[1].id, targets[4].id}), (std::vector{expected[1], expected[4]}));
  MessageId next = targets[2].id;
  ++next.value.bytes[15];
  EXPECT_EQ(amendments({next}), std::vector<Amendment>{});
  EXPECT_EQ(amendments({}), std::vector<Amendment>{});
}

TEST_P(MessageStoreContract, ReturnsTheAmendmentsOfAThousandTargetsInTheirOrder) {
  std::vector<Message> targets;
  std::vector<Amendment> expected;
  for (int i = 0; i < 1'000; ++i) {
    targets.push_back(text(seconds(i)));
    if (i % 10 != 0) continue;
    const Message reaction = reaction_message(targets[i], bob, kStart + seconds(2'000 + i), "👀");
    appended(reaction);
    expected.push_back(*amendment_of(reaction));
  }
  EXPECT_EQ(amendments(ids_of(targets)), expected);
}

// Heads.

TEST_P(MessageStoreContract, MovesTheHeadForwardOnly) {
  EXPECT_EQ(head(group), std::nullopt);
  const Message second = appended(text(seconds(2)));
  EXPECT_EQ(head(group), second.received_at);
  appended(text(seconds(1)));
  EXPECT_EQ(head(group), second.received_at);
  const Message third = appended(text(seconds(3)));
  EXPECT_EQ(head(group), third.received_at);
}

TEST_P(MessageStoreContract, MovesTheHeadToTheArrivalOfALateMessage) {
  Message late = text(seconds(0));
  late.received_at = kStart + std::chrono::hours(3);
  append(late, true);
  EXPECT_EQ(head(group), late.received_at);
}

TEST_P(MessageStoreContract, MovesTheHeadWhenAGroupIsTouched) {
  succeed(store->touch(group, kStart + seconds(5)));
  EXPECT_EQ(head(group), kStart + seconds(5));
  succeed(store->touch(group, kStart + seconds(4)));
  EXPECT_EQ(head(group), kStart + seconds(5));
  EXPECT_EQ(read_all(group), std::vector<Message>{});
}

TEST_P(MessageStoreContract, ReturnsHeadsInTheOrderOfTheGroups) {
  const GroupId silent = new_group_id();
  const GroupId other = new_group_id();
  succeed(store->touch(group, kStart + seconds(1)));
  succeed(store->touch(other, kStart + seconds(2)));
  const std::vector<std::optional<Time>> expected = {kStart + seconds(2), std::nullopt,
                                                     kStart + seconds(1)};
  EXPECT_EQ(value_of(store->heads({other, silent, group})), expected);
  EXPECT_EQ(value_of(store->heads({})), std::vector<std::optional<Time>>{});
}

// Erasing.

TEST_P(MessageStoreContract, TakesTheBodyOfAnErasedMessageAndLeavesItsPlace) {
  Message message = text(seconds(0), "my secret");
  message.content.links = {"https://example.org"};
  message.content.metadata = R"({"secret":1})";
  message.content.mentions = {"bob"};
  appended(message);
  const Message other = appended(text(seconds(1)));
  succeed(store->erase(group, message.id));
  succeed(store->erase(group, message.id));
  Message marker = message;
  strip_body(marker);
  marker.erased = true;
  EXPECT_EQ(read_all(group), (std::vector{marker, other}));
  EXPECT_EQ(read({message.id}), std::vector{marker});
  EXPECT_EQ(value_of(store->read_ids(group, {}, Take::Oldest, 9)),
            (std::vector{message.id, other.id}));
}

TEST_P(MessageStoreContract, BringsNoErasedMessageBackByAReplay) {
  const Message message = appended(text(seconds(0), "my secret"));
  succeed(store->erase(group, message.id));
  Message marker = message;
  strip_body(marker);
  marker.erased = true;
  for (const auto delay : {milliseconds(0), milliseconds(-30), milliseconds(seconds(90))}) {
    Message replay = message;
    replay.received_at += delay;
    const auto earlier = append(replay, delay > kLateAfter);
    EXPECT_EQ(earlier.value_or(marker), marker);
    EXPECT_EQ(read_all(group), std::vector{marker});
  }
}

TEST_P(MessageStoreContract, TakesTheTextOfAnErasedEditForGood) {
  const Message target = appended(text(seconds(0)));
  const Message edit = appended(edit_message(target, kStart + seconds(2), "my secret"));
  succeed(store->erase(group, edit.id));
  Amendment marker = *amendment_of(edit);
  marker.text.clear();
  EXPECT_EQ(amendments({target.id}), std::vector{marker});
  append(edit);
  EXPECT_EQ(amendments({target.id}), std::vector{marker});
  EXPECT_EQ(read({edit.id}).at(0).content.text, "");
}

TEST_P(MessageStoreContract, TakesAnErasedReactionBackForGood) {
  const Message target = appended(text(seconds(0)));
  Message reaction = amendment_message(target, bob, Kind::Reaction, kStart + seconds(1));
  reaction.content.emoji = "👍";
  append(reaction);
  succeed(store->erase(group, reaction.id));
  Amendment marker = *amendment_of(reaction);
  marker.remove = true;
  EXPECT_EQ(amendments({target.id}), std::vector{marker});
  append(reaction);
  EXPECT_EQ(amendments({target.id}), std::vector{marker});
}

TEST_P(MessageStoreContract, LeavesALaterEditWhenAnEarlierOneIsErased) {
  const Message target = appended(text(seconds(0)));
  const Message first = appended(edit_message(target, kStart + seconds(1), "first"));
  const Message second = appended(edit_message(target, kStart + seconds(2), "second"));
  succeed(store->erase(group, first.id));
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(second)});
  EXPECT_EQ(read({second.id}), std::vector{second});
}

TEST_P(MessageStoreContract, LeavesAMessageDeletedWhenTheDeleteIsErased) {
  const Message target = appended(text(seconds(0)));
  const Message gone = appended(amendment_message(target, alice, Kind::Delete, kStart));
  succeed(store->erase(group, gone.id));
  EXPECT_EQ(amendments({target.id}), std::vector{*amendment_of(gone)});
}

// Sealed sums.

TEST_P(MessageStoreContract, ReturnsTheSumOfASealedRange) {
  const IdRange day{MessageId::floor(kStart), MessageId::floor(kStart + std::chrono::hours(24))};
  const IdRange next{day.to, MessageId::floor(kStart + std::chrono::hours(48))};
  EXPECT_EQ(value_of(store->sealed(group, day)), std::nullopt);
  DigestSum sum;
  sum.add(appended(text(seconds(1))).id);
  seal(day, sum);
  EXPECT_EQ(value_of(store->sealed(group, day)), sum);
  EXPECT_EQ(value_of(store->sealed(group, next)), std::nullopt);
  EXPECT_EQ(value_of(store->sealed(group, {day.from, next.to})), std::nullopt);
}

TEST_P(MessageStoreContract, UnsealsARangeIntoWhichARowIsAppended) {
  const IdRange range{MessageId::floor(kStart), MessageId::floor(kStart + seconds(60))};
  const DigestSum empty;
  seal(range, empty);
  appended(text(milliseconds(-1)));
  appended(text(seconds(60)));
  EXPECT_EQ(value_of(store->sealed(group, range)), empty);
  appended(text(seconds(59)));
  EXPECT_EQ(value_of(store->sealed(group, range)), std::nullopt);
  seal(range, empty);
  Message first = text(seconds(0));
  first.id = range.from;
  appended(first);
  EXPECT_EQ(value_of(store->sealed(group, range)), std::nullopt);
}

// Whoever computed the sum may not have seen that row.
TEST_P(MessageStoreContract, SealsNoRangeIntoWhichARowWasAppendedMeanwhile) {
  const IdRange range{MessageId::floor(kStart), MessageId::floor(kStart + seconds(60))};
  const SealTicket first = value_of(store->begin_seal(group, range));
  const SealTicket second = value_of(store->begin_seal(group, range));
  EXPECT_EQ(value_of(store->sealed(group, range)), std::nullopt);
  const Message late = appended(text(seconds(59)));
  succeed(store->seal(group, range, DigestSum(), first));
  EXPECT_EQ(value_of(store->sealed(group, range)), std::nullopt);
  succeed(store->seal(group, range, DigestSum(), second));
  EXPECT_EQ(value_of(store->sealed(group, range)), std::nullopt);
  DigestSum sum;
  sum.add(late.id);
  seal(range, sum);
  EXPECT_EQ(value_of(store->sealed(group, range)), sum);
}

TEST_P(MessageStoreContract, SealsARangeBesideWhichARowWasAppendedMeanwhile) {
  const IdRange range{MessageId::floor(kStart), MessageId::floor(kStart + seconds(60))};
  const SealTicket ticket = value_of(store->begin_seal(group, range));
  appended(text(milliseconds(-1)));
  appended(text(seconds(60)));
  Message elsewhere = text(seconds(30));
  elsewhere.group = new_group_id();
  appended(elsewhere);
  succeed(store->seal(group, range, DigestSum(), ticket));
  EXPECT_EQ(value_of(store->sealed(group, range)), DigestSum());
}

TEST_P(MessageStoreContract, SealsNothingTwiceWithOneTicket) {
  const IdRange range{MessageId::floor(kStart), MessageId::floor(kStart + seconds(60))};
  const SealTicket ticket = value_of(store->begin_seal(group, range));
  succeed(store->seal(group, range, DigestSum(), ticket));
  appended(text(seconds(1)));
  succeed(store->seal(group, range, DigestSum(), ticket));
  EXPECT_EQ(value_of(store->sealed(group, range)), std::nullopt);
}

// One send may name several groups: each holds its own row under the same id.
TEST_P(MessageStoreContract, KeepsTwoGroupsApart) {
  const GroupId other = new_group_id();
  const IdRange range{MessageId::floor(kStart), MessageId::floor(kStart + seconds(60))};
  Message here = text(seconds(0), "here");
  here.received_at = kStart + seconds(70);
  Message there = here;
  there.group = other;
  there.content.text = "there";
  const Message edit_here = edit_message(here, kStart + seconds(80), "edited here");
  append(here, true);
  appended(edit_here);
  seal(range, DigestSum());

  EXPECT_EQ(read_all(other), std::vector<Message>{});
  EXPECT_EQ(head(other), std::nullopt);
  appended(there);
  EXPECT_EQ(value_of(store->sealed(group, range)), DigestSum());
  EXPECT_EQ(value_of(store->sealed(other, range)), std::nullopt);
  EXPECT_EQ(read_all(other), std::vector{there});
  EXPECT_EQ(value_of(store->read(other, {here.id, edit_here.id})), std::vector{there});
  EXPECT_EQ(value_of(store->read_late(other, {}, 10)), std::vector<LateArrival>{});
  EXPECT_EQ(value_of(store->amendments(other, {here.id}, kAnew)), std::vector<Amendment>{});
  succeed(store->erase(other, here.id));
  EXPECT_EQ(read_all(group), (std::vector{here, edit_here}));
}

TEST_P(MessageStoreContract, KeepsItsEpochWhileNothingIsRestored) {
  const StoreEpoch before = store->epoch();
  appended(text(seconds(0)));
  EXPECT_EQ(store->epoch(), before);
}

}  // namespace tidings::contract
