#include "adapters/memory/store_faults.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "adapters/memory/memory_message_store.h"
#include "base/task_group.h"
#include "ports/test_values.h"

namespace tidings {
namespace {

using namespace contract;
using Plays = MemoryMessageStore::Plays;
using Appended = Result<std::optional<Message>>;

class StoreFaultsTest : public testing::Test {
 protected:
  ~StoreFaultsTest() override {
    faults.release();
    block_on(calls.join());
  }

  Message text(milliseconds at, std::string body = "hello") const {
    return text_message(group, alice, kStart + at, kStart + at, std::move(body));
  }
  // Starts a call; `answer` is empty while it is held.
  template <class T>
  void start(Task<T> task, std::optional<T>& answer) {
    calls.spawn(keep(std::move(task), &answer));
  }
  HeldCall& held() { return *faults.held().at(0); }

  std::vector<Message> rows() { return value_of(store.read_range(group, {}, Take::Oldest, 1'000)); }
  std::vector<LateArrival> late() { return value_of(store.read_late(group, {}, 1'000)); }
  std::vector<Amendment> amendments(const Message& target) {
    return value_of(store.amendments(group, {target.id}, kAnew));
  }
  std::optional<Time> head() { return value_of(store.heads({group})).at(0); }

  const GroupId group = new_group_id();
  const UserId alice = new_user_id();
  StoreFaults faults;
  MemoryMessageStore store{Plays::ManyWriters, &faults};
  TaskGroup calls{"calls"};

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>* answer) {
    answer->emplace(co_await std::move(task));
  }
};

TEST_F(StoreFaultsTest, AWriteShowsItsPartsOneByOneInTheirOrder) {
  const Message target = text(seconds(0));
  Message edit = edit_message(target, kStart + seconds(1), "edited");
  edit.received_at = kStart + seconds(60);
  faults.hold_writes();
  std::optional<Appended> answer;
  start(store.append(edit, true), answer);
  EXPECT_TRUE(late().empty());

  held().step();
  EXPECT_EQ(late().size(), 1u);
  EXPECT_TRUE(amendments(target).empty());
  held().step();
  EXPECT_EQ(amendments(target).size(), 1u);
  EXPECT_TRUE(rows().empty());
  held().step();
  EXPECT_EQ(rows(), std::vector{edit});
  EXPECT_EQ(head(), std::nullopt);
  held().step();
  EXPECT_EQ(head(), edit.received_at);

  EXPECT_FALSE(held().step());
  EXPECT_FALSE(answer.has_value());
  held().answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->has_value());
  EXPECT_TRUE(faults.held().empty());
}

TEST_F(StoreFaultsTest, AnAnsweredWriteIsVisibleAsAWhole) {
  faults.hold_writes();
  std::optional<Appended> answer;
  const Message message = text(seconds(0));
  start(store.append(message, false), answer);
  held().answer();
  EXPECT_TRUE(answer.has_value());
  EXPECT_EQ(rows(), std::vector{message});
  EXPECT_EQ(head(), message.received_at);
}

TEST_F(StoreFaultsTest, AStoreWithOneWriterShowsAWriteAtOnce) {
  MemoryMessageStore exact(Plays::OneWriter, &faults);
  faults.hold_writes();
  std::optional<Appended> answer;
  start(exact.append(text(seconds(0)), true), answer);
  EXPECT_EQ(held().steps_left(), 1u);
  held().step();
  EXPECT_EQ(value_of(exact.read_late(group, {}, 9)).size(), 1u);
  EXPECT_EQ(value_of(exact.read_range(group, {}, Take::Oldest, 9)).size(), 1u);
  faults.release();
}

TEST_F(StoreFaultsTest, AReadAnswersWhatItSawWhenItLooked) {
  faults.hold({StoreMethod::ReadRange});
  std::optional<Result<std::vector<Message>>> before;
  std::optional<Result<std::vector<Message>>> after;
  start(store.read_range(group, {}, Take::Oldest, 9), before);
  start(store.read_range(group, {}, Take::Oldest, 9), after);
  held().step();
  const Message message = text(seconds(0));
  value_of(store.append(message, false));
  faults.release();
  EXPECT_EQ(before->value(), std::vector<Message>{});
  EXPECT_EQ(after->value(), std::vector{message});
}

TEST_F(StoreFaultsTest, AWriteThatTimedOutMayAppearAtAnyLaterMoment) {
  faults.hold_writes();
  std::optional<Appended> answer;
  const Message message = text(seconds(0));
  start(store.append(message, true), answer);
  held().step();
  held().time_out();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(faults.held().empty());
  EXPECT_EQ(late().size(), 1u);
  EXPECT_TRUE(rows().empty());

  const auto lost = faults.lost();
  ASSERT_EQ(lost.size(), 1u);
  while (lost[0]->step()) {
  }
  EXPECT_EQ(rows(), std::vector{message});
  EXPECT_TRUE(faults.lost().empty());
}

TEST_F(StoreFaultsTest, AFailedWriteHasDoneNothingOrAllAsTheTestSays) {
  faults.fail_writes_before = 1;
  EXPECT_FALSE(block_on(store.append(text(seconds(0)), false)).has_value());
  EXPECT_TRUE(rows().empty());
  faults.fail_writes_after = 1;
  EXPECT_FALSE(block_on(store.append(text(seconds(0)), false)).has_value());
  EXPECT_EQ(rows().size(), 1u);
  EXPECT_TRUE(block_on(store.append(text(seconds(0)), false)).has_value());
  faults.fail_reads = 1;
  EXPECT_FALSE(block_on(store.heads({group})).has_value());
  EXPECT_EQ(rows().size(), 2u);
  faults.is_down = true;
  EXPECT_FALSE(block_on(store.heads({group})).has_value());
  faults.is_down = false;
}

TEST_F(StoreFaultsTest, TheEarlierArrivalWinsThoughItAppearsLater) {
  const Message first = text(seconds(0), "first");
  Message second = first;
  second.content.text = "second";
  second.received_at += milliseconds(10);
  faults.hold_writes();
  std::optional<Appended> one;
  std::optional<Appended> other;
  start(store.append(first, false), one);
  start(store.append(second, false), other);
  faults.held().at(1)->answer();
  EXPECT_EQ(rows(), std::vector{second});
  faults.held().at(0)->answer();
  EXPECT_EQ(rows(), std::vector{first});
}

TEST_F(StoreFaultsTest, NothingErasedComesBackWithALostWrite) {
  const Message target = text(seconds(0));
  const Message edit = edit_message(target, kStart + seconds(1), "my secret");
  faults.hold_writes();
  std::optional<Appended> lost;
  start(store.append(edit, false), lost);
  held().time_out();
  faults.release();
  value_of(store.append(edit, false));
  succeed(store.erase(group, edit.id));
  const auto write = faults.lost().at(0);
  while (write->step()) {
  }
  EXPECT_EQ(rows().at(0).content.text, "");
  EXPECT_EQ(amendments(target).at(0).text, "");
}

TEST_F(StoreFaultsTest, StirringEndsEveryCallAndKeepsWhatWasAcknowledged) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    faults.hold_writes();
    std::vector<Message> sent;
    std::vector<std::optional<Appended>> answers(30);
    for (auto& answer : answers) {
      sent.push_back(text(milliseconds(random() % 9'000)));
      start(store.append(sent.back(), random() % 2 == 0), answer);
      faults.stir(random, 20);
    }
    while (!faults.held().empty()) faults.stir(random, 20);
    faults.release();
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ASSERT_TRUE(answers[i].has_value());
      if (answers[i]->has_value()) {
        EXPECT_EQ(value_of(store.read(group, {sent[i].id})), std::vector{sent[i]});
      }
    }
  }
}

}  // namespace
}  // namespace tidings
