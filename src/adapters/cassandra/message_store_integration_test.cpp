#include "adapters/cassandra/message_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "adapters/cassandra/store_clocks.h"
#include "adapters/cassandra/store_epoch.h"
#include "adapters/cassandra/test_messages.h"
#include "base/parallel.h"
#include "model/limits.h"
#include "ports/test_values.h"

// What no other store has: buckets, several workers, and a node that does not answer.
namespace tidings::cassandra {
namespace {

using contract::by_id;
using contract::edit_message;
using contract::ids_of;
using contract::kStart;
using contract::new_group_id;
using contract::new_user_id;
using contract::succeed;
using contract::text_message;
using contract::value_of;
using std::chrono::hours;

constexpr BucketRules kSmall{.full_bytes = 500, .wanted_bytes = 200};

TestMessages& shared() { return TestMessages::shared(); }

class CassandraMessages : public testing::Test {
 protected:
  using Store = std::shared_ptr<CassandraMessageStore>;

  const GroupId group = new_group_id();
  const UserId alice = new_user_id();
  const Store store = shared().another_store();

  Message text(Time sent_at, std::string body = "hello") const {
    return text_message(group, alice, sent_at, sent_at + milliseconds(40), std::move(body));
  }
  static Message append(const Store& to, const Message& message, bool late = false) {
    value_of(to->append(message, late));
    return message;
  }
  // A worker that wrote so much around that time that it goes on in a narrower bucket.
  Store narrow_worker(Time around) {
    auto worker = shared().another_store(kSmall);
    for (int i = 0; i < 20; ++i) append(worker, text(around - milliseconds(i), "filling"));
    return worker;
  }
  static std::vector<Message> read_all(const Store& from, GroupId of) {
    return value_of(from->read_range(of, {}, Take::Oldest, 1'000));
  }
  static std::vector<Message> read(const Store& from, const Message& message) {
    return value_of(from->read(message.group, {message.id}));
  }
  static CqlRows select(const std::string& text) { return shared().keyspace().run(text); }
  std::size_t buckets() {
    return select("SELECT width FROM group_buckets WHERE group_id = " + group.to_string()).size();
  }
  // How many copies of that row there are.
  std::size_t copies(MessageId id) {
    std::size_t copies = 0;
    const CqlRows rows = select("SELECT group_id, id FROM messages");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      copies += rows[i].uuid(0) == group.value && rows[i].uuid(1) == id.value ? 1 : 0;
    }
    return copies;
  }
};

// Buckets.

TEST_F(CassandraMessages, ShowAnIdInTwoBucketsOnceAndTheEarlierReceived) {
  for (const milliseconds delay : {milliseconds(-20), milliseconds(20)}) {
    const Message wide = append(store, text(kStart, "wide"));
    Message narrow = wide;
    narrow.content.text = "narrow";
    narrow.received_at += delay;
    append(narrow_worker(kStart), narrow);
    ASSERT_EQ(copies(wide.id), 2u);

    const Message winner = delay < milliseconds(0) ? narrow : wide;
    const Store reader = shared().another_store();
    EXPECT_EQ(read(reader, wide), std::vector{winner});
    const IdRange here{wide.id, kLastMessageId};
    EXPECT_EQ(value_of(reader->read_range(group, here, Take::Oldest, 1)), std::vector{winner});
    const auto ids = value_of(reader->read_ids(group, {}, Take::Newest, 1'000));
    EXPECT_EQ(std::ranges::count(ids, wide.id), 1);
  }
}

TEST_F(CassandraMessages, AreReadTogetherWhateverWidthsWorkersChose) {
  constexpr unsigned kSeed = 11;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  const std::vector<Store> workers = {store, shared().another_store(kSmall),
                                      shared().another_store({5'000, 2'000})};
  std::map<MessageId, Message> model;
  for (int i = 0; i < 600; ++i) {
    const auto spread = random() % 3 == 0 ? milliseconds(hours(24 * 500)) : milliseconds(hours(5));
    const Message each = text(kStart + milliseconds(random() % spread.count()));
    append(workers[random() % 3], each);
    model.emplace(each.id, each);
  }
  EXPECT_GT(buckets(), 20u);
  const Store reader = shared().another_store();
  for (int i = 0; i < 100; ++i) {
    const auto pick = [&] { return std::next(model.begin(), random() % model.size())->first; };
    const auto [from, to] = std::minmax({pick(), pick()});
    const std::size_t limit = 1 + random() % 100;
    std::vector<MessageId> expected;
    for (auto at = model.lower_bound(from); at->first != to; ++at) expected.push_back(at->first);
    auto oldest = expected;
    if (oldest.size() > limit) oldest.resize(limit);
    auto newest = expected;
    if (newest.size() > limit) newest.erase(newest.begin(), newest.end() - limit);
    ASSERT_EQ(value_of(reader->read_ids(group, {from, to}, Take::Oldest, limit)), oldest);
    ASSERT_EQ(ids_of(value_of(reader->read_range(group, {from, to}, Take::Newest, limit))), newest);
  }
}

// More than a page of the registry holds.
TEST_F(CassandraMessages, AreReadFromHundredsOfBuckets) {
  const Store worker = shared().another_store({.full_bytes = 1, .wanted_bytes = 1});
  std::vector<Message> all;
  for (int i = 0; i < 700; ++i) all.push_back(append(worker, text(kStart + seconds(60 * i))));
  ASSERT_GT(buckets(), 512u);
  const auto part = [&all](int first, int count) {
    return std::vector(all.begin() + first, all.begin() + first + count);
  };
  const auto range = [&](IdRange within, Take take, std::size_t limit) {
    return value_of(store->read_range(group, within, take, limit));
  };
  EXPECT_EQ(range({}, Take::Newest, 1'000), all);
  shared().requests();
  EXPECT_EQ(range({}, Take::Newest, 5), part(695, 5));
  // One asks which buckets there are; the others read rows, as such a group has some of each width.
  EXPECT_LE(shared().requests(), 12u);
  EXPECT_EQ(range({}, Take::Oldest, 5), part(0, 5));
  EXPECT_EQ(range({kFirstMessageId, all[300].id}, Take::Newest, 5), part(295, 5));
  EXPECT_EQ(range({all[300].id, kLastMessageId}, Take::Oldest, 5), part(300, 5));
  EXPECT_EQ(value_of(store->read(group, ids_of(all))), all);
}

TEST_F(CassandraMessages, KeepTheAmendmentsOfATargetTogetherWhateverWidthsWorkersChose) {
  const Message target = append(store, text(kStart));
  const Message second = edit_message(target, kStart + seconds(2), "second");
  const Message first = edit_message(target, kStart + seconds(1), "first");
  append(store, second);
  append(narrow_worker(kStart), first);
  const auto found = value_of(store->amendments(group, {target.id}, kAnew));
  EXPECT_EQ(found, std::vector{*amendment_of(second)});
}

// What is promised of requests.

TEST_F(CassandraMessages, CostTwoRequestsForAMessageOnTime) {
  const Time now = shared().clock().now();
  shared().requests();
  append(store, text(now));
  EXPECT_EQ(shared().requests(), 4u);  // what is registered?, the registration, row, head
  append(store, text(now + milliseconds(1)));
  EXPECT_EQ(shared().requests(), 2u);
  // A worker that finds the bucket registered.
  const Store other = shared().another_store();
  shared().requests();
  append(other, text(now + milliseconds(2)));
  EXPECT_EQ(shared().requests(), 3u);
}

// A row may be where a sum is sealed only when it is old.
TEST_F(CassandraMessages, CostARequestOrTwoMoreWhenTheyAreOldEnoughToBeInASealedRange) {
  append(store, text(kStart));
  shared().requests();
  append(store, text(kStart + milliseconds(1)));
  EXPECT_LE(shared().requests(), 4u);
}

TEST_F(CassandraMessages, CostThreeRequestsForALateMessage) {
  const Time now = shared().clock().now();
  const auto late = [&](int i) {
    Message message = text(now - seconds(60) + milliseconds(i));
    message.received_at = now;
    append(store, message, true);
  };
  late(0);
  shared().requests();
  late(1);
  EXPECT_EQ(shared().requests(), 3u);
}

TEST_F(CassandraMessages, AreReadInThreeRequestsWhereFiveWereSentInTwoYears) {
  std::vector<Message> all;
  const Time end = shared().clock().now() - hours(24);
  for (int i = 4; i >= 0; --i) all.push_back(append(store, text(end - hours(24 * 182 * i))));
  const Store reader = shared().another_store();
  shared().requests();
  EXPECT_EQ(value_of(reader->read_range(group, {}, Take::Newest, 50)), all);
  EXPECT_LE(shared().requests(), 3u);
}

// Which buckets there are, the rows, late arrivals (of two hours, near the turn of one), and what
// was deleted.
TEST_F(CassandraMessages, AreReadInFourRequestsByARound) {
  const Time now = shared().clock().now();
  for (int i = 0; i < 10; ++i) append(store, text(now - milliseconds(i)));
  const Store reader = shared().another_store();
  shared().requests();
  const Instant began = shared().clock().monotonic();
  const IdRange recent{MessageId::floor(now - kSentOverlap), kLastMessageId};
  const auto rows = value_of(reader->read_range(group, recent, Take::Newest, 64));
  EXPECT_EQ(rows.size(), 10u);
  const LateArrival after{now - kLateOverlap, kFirstMessageId};
  EXPECT_TRUE(value_of(reader->read_late(group, after, 1'000)).empty());
  EXPECT_TRUE(value_of(reader->amendments(group, ids_of(rows), began)).empty());
  EXPECT_LE(shared().requests(), 5u);
}

TEST_F(CassandraMessages, AreShownInThreeRequestsByAPageOfHistory) {
  const Time now = shared().clock().now();
  for (int i = 0; i < 60; ++i) append(store, text(now + milliseconds(i)));
  const Store reader = shared().another_store();
  shared().requests();
  const Instant began = shared().clock().monotonic();
  const auto page = value_of(reader->read_range(group, {}, Take::Newest, 50));
  EXPECT_EQ(page.size(), 50u);
  EXPECT_TRUE(value_of(reader->amendments(group, ids_of(page), began)).empty());
  EXPECT_EQ(shared().requests(), 3u);
}

// Which buckets there are is not looked up twice for one reader, and never too early for another.
TEST_F(CassandraMessages, ShowAnAmendmentInABucketThatIsNewSinceTheRowsWereRead) {
  const Message target = append(store, text(kStart));
  const Store reader = shared().another_store();
  EXPECT_EQ(read_all(reader, group), std::vector{target});
  const Message edit = edit_message(target, kStart + seconds(1), "edited");
  append(narrow_worker(kStart), edit);
  ASSERT_GT(buckets(), 1u);
  const Instant now = shared().clock().monotonic();
  const std::vector expected{*amendment_of(edit)};
  EXPECT_EQ(value_of(reader->amendments(group, {target.id}, now)), expected);
}

TEST_F(CassandraMessages, FindARecentLateArrivalWithoutAskingForItsHour) {
  const Time now = shared().clock().now();
  Message late = text(now - seconds(60));
  late.received_at = now;
  append(shared().another_store(), late, true);
  const LateArrival after{now - kLateOverlap, kFirstMessageId};
  const std::vector<LateArrival> expected{{now, late.id}};
  EXPECT_EQ(value_of(store->read_late(group, after, 10)), expected);
  EXPECT_EQ(value_of(store->read_late(group, {}, 10)), expected);
}

// The newest page of a group with hundreds of buckets, of workers that agree about them.
TEST_F(CassandraMessages, AreReadInFewRequestsFromTheEndOfABusyGroup) {
  const Store worker = shared().another_store({.full_bytes = 20'000, .wanted_bytes = 10'000});
  const Time start = shared().clock().now() - hours(24);
  std::vector<Message> all;
  for (int i = 0; i < 3'000; ++i) {
    all.push_back(append(worker, text(start + seconds(28 * i), std::string(400, 'x'))));
  }
  EXPECT_GT(buckets(), 60u);
  const Store reader = shared().another_store();
  const auto newest = [&](IdRange range) {
    shared().requests();
    return value_of(reader->read_range(group, range, Take::Newest, 20));
  };
  EXPECT_EQ(newest({}), std::vector(all.end() - 20, all.end()));
  EXPECT_LE(shared().requests(), 6u);
  EXPECT_EQ(newest({kFirstMessageId, all[1'500].id}),
            std::vector(all.begin() + 1'480, all.begin() + 1'500));
  EXPECT_LE(shared().requests(), 7u);
}

Task<Result<std::vector<bool>>> touch_often(CassandraMessageStore& store, GroupId group) {
  struct Once {
    static Task<Result<bool>> touch(CassandraMessageStore& store, GroupId group, Time at) {
      auto touching = store.touch(group, at);
      const Result<void> touched = co_await std::move(touching);
      if (!touched) co_return forward(touched);
      co_return true;
    }
  };
  std::vector<Task<Result<bool>>> tasks;
  for (int i = 0; i < 200; ++i) {
    tasks.push_back(Once::touch(store, group, kStart + seconds(i * 37 % 200)));
  }
  auto all = all_of(std::move(tasks), 200);
  co_return co_await std::move(all);
}

TEST_F(CassandraMessages, WriteHeadsThatWaitTogetherOnce) {
  shared().requests();
  EXPECT_EQ(value_of(touch_often(*store, group)).size(), 200u);
  EXPECT_LE(shared().requests(), 3u);
  EXPECT_EQ(value_of(store->heads({group})), std::vector{std::optional(kStart + seconds(199))});
}

// Several workers.

TEST_F(CassandraMessages, HaveOneWinnerEverywhereOfTwoThatRace) {
  const Store narrow = narrow_worker(kStart - seconds(1));
  const std::vector<Store> workers = {store, shared().another_store(), narrow};
  for (int round = 0; round < 30; ++round) {
    Message one = text(kStart + seconds(round), "one");
    Message two = one;
    two.content.text = "two";
    two.received_at += milliseconds(round % 3 - 1);
    {
      const Store& here = workers[round % 3];
      const Store& there = workers[(round + 1) % 3];
      const std::jthread first([&] { append(here, one); });
      const std::jthread second([&] { append(there, two); });
    }
    const auto shown = read(store, one);
    ASSERT_EQ(shown.size(), 1u);
    if (one.received_at != two.received_at) {
      EXPECT_EQ(shown[0], one.received_at < two.received_at ? one : two);
    }
    const Store reader = shared().another_store();
    EXPECT_EQ(read(reader, one), shown);
    EXPECT_EQ(value_of(reader->read_range(group, {one.id, kLastMessageId}, Take::Oldest, 1)),
              shown);
  }
}

TEST_F(CassandraMessages, StayErasedWhenTheyAreSentAgainLongAfterwards) {
  const Message message = append(store, text(kStart, "my secret"));
  succeed(store->erase(group, message.id));
  Message marker = message;
  strip_body(marker);
  marker.erased = true;

  // By workers that remember nothing, 40 days later, into the same bucket and into another.
  Message replay = message;
  replay.received_at += hours(24 * 40);
  append(shared().another_store(), replay, true);
  append(narrow_worker(kStart), replay, true);
  ASSERT_EQ(copies(message.id), 2u);
  EXPECT_EQ(read(store, message), std::vector{marker});
  EXPECT_EQ(value_of(store->read_range(group, {message.id, kLastMessageId}, Take::Oldest, 1)),
            std::vector{marker});
}

TEST_F(CassandraMessages, LeaveNoTextBehindInAnyBucketWhenTheyAreErased) {
  const Message target = append(store, text(kStart, "my secret"));
  const Store narrow = narrow_worker(kStart);
  append(narrow, target);
  const Message edit = edit_message(target, kStart, "my secret edit");
  append(store, edit);
  append(narrow, edit);
  ASSERT_EQ(copies(target.id), 2u);
  succeed(store->erase(group, target.id));
  succeed(store->erase(group, edit.id));
  for (const char* table : {"messages", "amendments"}) {
    const CqlRows rows = select(std::string("SELECT group_id, body FROM ") + table);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].uuid(0) != group.value) continue;
      EXPECT_EQ(rows[i].blob(1).find("my secret"), std::string_view::npos) << table;
    }
  }
}

TEST_F(CassandraMessages, BreakASealThatAnotherWorkerMade) {
  const IdRange day{MessageId::floor(kStart), MessageId::floor(kStart + hours(24))};
  DigestSum sum;
  sum.add(append(store, text(kStart)).id);
  const SealTicket ticket = value_of(store->begin_seal(group, day));
  succeed(store->seal(group, day, sum, ticket));
  const Store other = shared().another_store();
  EXPECT_EQ(value_of(other->sealed(group, day)), sum);
  append(other, text(kStart + hours(3)));
  EXPECT_EQ(value_of(store->sealed(group, day)), std::nullopt);
}

// A failed append is made good by writing the late index, so that must unseal too.
TEST_F(CassandraMessages, BreakASealWhenALateArrivalIsListed) {
  const IdRange day{MessageId::floor(kStart), MessageId::floor(kStart + hours(24))};
  const SealTicket ticket = value_of(store->begin_seal(group, day));
  succeed(store->seal(group, day, {}, ticket));
  const LateArrival arrival{kStart + hours(30), text(kStart + hours(1)).id};
  succeed(store->index_late(group, arrival));
  EXPECT_EQ(value_of(store->sealed(group, day)), std::nullopt);
}

TEST_F(CassandraMessages, SealNothingThatMayStillGrow) {
  const Time now = shared().clock().now();
  const IdRange young{MessageId::floor(now - hours(24 * 29)),
                      MessageId::floor(now - hours(24 * 28))};
  const SealTicket ticket = value_of(store->begin_seal(group, young));
  succeed(store->seal(group, young, {}, ticket));
  EXPECT_EQ(value_of(store->sealed(group, young)), std::nullopt);
}

// Time and life.

TEST_F(CassandraMessages, HaveTheSameEpochForAllWorkersUntilItIsRenewed) {
  TestKeyspace keyspace;
  TestMessages moved(keyspace);
  const auto before = moved.another_store();
  EXPECT_NE(before->epoch(), 0u);
  EXPECT_EQ(moved.another_store()->epoch(), before->epoch());
  const auto renewed = renew_epoch(moved.session());
  ASSERT_TRUE(renewed.has_value());
  EXPECT_NE(*renewed, before->epoch());
  EXPECT_EQ(moved.another_store()->epoch(), *renewed);
}

TEST(CassandraStoreClocks, TellTheTimeOfEachNode) {
  auto clocks = CassandraStoreClocks::open(shared().session(), shared().clock());
  ASSERT_TRUE(clocks.has_value());
  // The first question may take a while.
  (void)block_on((*clocks)->read());
  const auto times = value_of((*clocks)->read());
  ASSERT_EQ(times.size(), 1u);
  // Half a question, and the millisecond that both sides cut off.
  EXPECT_LE(std::chrono::abs(times[0] - shared().clock().now()), milliseconds(152));
}

TEST_F(CassandraMessages, AnswerUnavailableWithinTheDeadlineWhileTheNodeStandsStill) {
  const Message message = append(store, text(kStart));
  const auto expect_unavailable = [](auto task) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = block_on(std::move(task));
    const auto took = std::chrono::steady_clock::now() - begin;
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::Unavailable);
    EXPECT_LT(took, milliseconds(2'500));
  };
  TestCassandra::node().pause();
  expect_unavailable(store->append(text(kStart + seconds(1)), true));
  expect_unavailable(store->read(group, {message.id}));
  expect_unavailable(store->heads({group, new_group_id()}));
  TestCassandra::node().resume();

  const auto until = std::chrono::steady_clock::now() + seconds(20);
  Result<std::optional<Message>> again;
  do {
    again = block_on(store->append(message, false));
  } while (!again && std::chrono::steady_clock::now() < until);
  EXPECT_TRUE(again.has_value());
  EXPECT_EQ(read(store, message), std::vector{message});
}

}  // namespace
}  // namespace tidings::cassandra
