#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ports/arrival_log.h"
#include "ports/message_store.h"
#include "ports/test_values.h"

// What every ArrivalLog must do, with the MessageStore over the same data. Only for stores with one
// writer, so it may expect exact order and that `append` sees the earlier row.
namespace tidings::contract {

struct StoreWithLog {
  std::shared_ptr<MessageStore> messages;
  std::shared_ptr<ArrivalLog> log;
};
using MakeStoreWithLog = std::function<StoreWithLog()>;

class ArrivalLogContract : public testing::TestWithParam<MakeStoreWithLog> {
 protected:
  const StoreWithLog made = GetParam()();
  MessageStore& messages = *made.messages;
  ArrivalLog& log = *made.log;
  const GroupId group = new_group_id();
  const UserId alice = new_user_id();

  Message text(milliseconds at, std::string body = "hello") const {
    return text_message(group, alice, kStart + at, kStart + at + milliseconds(40), std::move(body));
  }
  Message appended(Message message) {
    EXPECT_EQ(value_of(messages.append(message, message.is_late())), std::nullopt);
    return message;
  }
  std::vector<ArrivalLog::Entry> read_after(std::uint64_t after, std::size_t limit = 1'000) {
    return value_of(log.read_after(group, after, limit));
  }
  std::uint64_t newest() { return value_of(log.newest(group)); }

  static std::vector<Message> messages_of(const std::vector<ArrivalLog::Entry>& entries) {
    std::vector<Message> result;
    for (const auto& entry : entries) result.push_back(entry.message);
    return result;
  }
};

TEST_P(ArrivalLogContract, IsEmptyWhereNothingArrived) {
  EXPECT_EQ(newest(), 0u);
  EXPECT_TRUE(read_after(0).empty());
}

TEST_P(ArrivalLogContract, ListsMessagesInTheOrderOfTheirArrival) {
  const Message third = appended(text(seconds(3), "arrived first"));
  const Message first = appended(text(seconds(1), "arrived second"));
  const Message second = appended(text(seconds(2), "arrived third"));
  const auto entries = read_after(0);
  EXPECT_EQ(messages_of(entries), (std::vector{third, first, second}));
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_LT(0u, entries[0].position);
  EXPECT_LT(entries[0].position, entries[1].position);
  EXPECT_LT(entries[1].position, entries[2].position);
  EXPECT_EQ(newest(), entries[2].position);
  EXPECT_EQ(messages_of(read_after(entries[0].position)), (std::vector{first, second}));
  EXPECT_TRUE(read_after(newest()).empty());
}

TEST_P(ArrivalLogContract, PagesByPosition) {
  std::vector<Message> all;
  for (int i = 0; i < 25; ++i) all.push_back(appended(text(seconds(100 - i))));
  std::vector<Message> paged;
  std::uint64_t after = 0;
  for (;;) {
    const auto page = read_after(after, 10);
    EXPECT_LE(page.size(), 10u);
    if (page.empty()) break;
    for (const auto& entry : page) paged.push_back(entry.message);
    after = page.back().position;
  }
  EXPECT_EQ(paged, all);
  EXPECT_EQ(after, newest());
}

TEST_P(ArrivalLogContract, ListsEveryKind) {
  const Message target = appended(text(seconds(1)));
  const Message edit = appended(edit_message(target, kStart + seconds(2), "edited"));
  const Message removal =
      appended(amendment_message(target, alice, Kind::Delete, kStart + seconds(3)));
  EXPECT_EQ(messages_of(read_after(0)), (std::vector{target, edit, removal}));
}

TEST_P(ArrivalLogContract, ListsARepeatedMessageOnce) {
  const Message first = appended(text(seconds(0)));
  const auto position = newest();
  Message again = first;
  again.received_at += seconds(2);
  EXPECT_EQ(value_of(messages.append(again, false)), first);
  again.content.text = "another";
  EXPECT_EQ(value_of(messages.append(again, false)), first);
  EXPECT_EQ(newest(), position);
  EXPECT_EQ(messages_of(read_after(0)), std::vector{first});
}

TEST_P(ArrivalLogContract, ListsAMessageAgainWhenItArrivedAgainLate) {
  const Message first = appended(text(seconds(0)));
  const Message second = appended(text(seconds(1)));
  const auto seen = newest();
  succeed(messages.index_late(group, {kStart + seconds(60), first.id}));
  EXPECT_EQ(messages_of(read_after(seen)), std::vector{first});
  EXPECT_LT(seen, newest());
  EXPECT_EQ(messages_of(read_after(0)).back(), first);
}

TEST_P(ArrivalLogContract, DoesNotMoveWhenAGroupIsTouched) {
  appended(text(seconds(0)));
  const auto before = newest();
  succeed(messages.touch(group, kStart + seconds(60)));
  EXPECT_EQ(newest(), before);
}

TEST_P(ArrivalLogContract, ShowsAnErasedMessageWithoutItsBody) {
  const Message message = appended(text(seconds(0), "my secret"));
  succeed(messages.erase(group, message.id));
  for (const Message& shown : messages_of(read_after(0))) {
    EXPECT_TRUE(shown.erased);
    EXPECT_EQ(shown.id, message.id);
    EXPECT_EQ(shown.content.text, "");
  }
  EXPECT_EQ(read_after(0).at(0).message.id, message.id);
}

TEST_P(ArrivalLogContract, KeepsTwoGroupsApart) {
  const GroupId other = new_group_id();
  const Message here = appended(text(seconds(0), "here"));
  Message there = here;
  there.group = other;
  there.content.text = "there";
  appended(there);
  EXPECT_EQ(messages_of(read_after(0)), std::vector{here});
  EXPECT_EQ(messages_of(value_of(log.read_after(other, 0, 10))), std::vector{there});
  const auto before = newest();
  appended(text_message(other, alice, kStart, kStart, "more"));
  EXPECT_EQ(newest(), before);
}

TEST_P(ArrivalLogContract, StoresExactlyOneOfThoseThatRace) {
  const Message offer = text(seconds(0));
  constexpr int kOffers = 4;
  std::vector<std::optional<Message>> earlier(kOffers);
  std::vector<Message> offers(kOffers, offer);
  std::vector<std::jthread> senders;
  for (int i = 0; i < kOffers; ++i) {
    offers[i].content.text = "offer " + std::to_string(i);
    senders.emplace_back([&, i] { earlier[i] = value_of(messages.append(offers[i], false)); });
  }
  senders.clear();
  const auto entries = read_after(0);
  ASSERT_EQ(entries.size(), 1u);
  int stored = 0;
  for (int i = 0; i < kOffers; ++i) {
    if (!earlier[i]) {
      ++stored;
      EXPECT_EQ(entries[0].message, offers[i]);
    } else {
      EXPECT_EQ(entries[0].message, *earlier[i]);
    }
  }
  EXPECT_EQ(stored, 1);
}

// Positions must appear in their order: a reader who has seen one never misses a smaller one.
TEST_P(ArrivalLogContract, LosesNothingForAReaderWhoFollowsManyWriters) {
  constexpr int kWriters = 3;
  constexpr int kEach = 100;
  std::atomic<bool> writing = true;
  std::set<MessageId> followed;
  std::jthread reader([&] {
    std::uint64_t after = 0;
    for (bool last = false; !last;) {
      last = !writing;
      for (auto page = read_after(after, 20); !page.empty(); page = read_after(after, 20)) {
        for (const auto& entry : page) {
          EXPECT_LT(after, entry.position);
          after = entry.position;
          EXPECT_TRUE(followed.insert(entry.message.id).second);
        }
      }
    }
  });
  std::vector<std::vector<Message>> sent(kWriters);
  std::vector<std::jthread> writers;
  for (auto& mine : sent) {
    for (int i = 0; i < kEach; ++i) mine.push_back(text(milliseconds(i)));
    writers.emplace_back([&] {
      for (const Message& each : mine) value_of(messages.append(each, false));
    });
  }
  writers.clear();
  writing = false;
  reader.join();
  std::set<MessageId> acknowledged;
  for (const auto& mine : sent) {
    for (const Message& each : mine) acknowledged.insert(each.id);
  }
  EXPECT_EQ(followed, acknowledged);
}

}  // namespace tidings::contract
