#include "bridge/cql_session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "adapters/cassandra/testing/test_cassandra.h"
#include "base/bytes.h"
#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

CqlCall soon(milliseconds within = 10'000ms) {
  CqlCall call;
  call.deadline = SystemClock().monotonic() + within;
  return call;
}

Result<CqlRows> execute(CqlSession& session, CqlStatement statement, CqlValues values,
                        CqlCall call = soon()) {
  return block_on(session.execute(statement, std::move(values), std::move(call)));
}

// A session in a keyspace of its own, with a table of every type that the room knows.
class CqlSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    session = TestCassandra::node().connect(TestCassandra::node().fresh_keyspace());
    run("CREATE TABLE kinds (id uuid PRIMARY KEY, i8 tinyint, i32 int, i64 bigint, t timestamp, "
        "b boolean, s text, d blob)");
    run("CREATE TABLE numbers (part int, n int, note text, PRIMARY KEY (part, n))");
  }
  void run(const std::string& text) {
    const auto done = session->run(text, seconds(30));
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
  CqlStatement prepare(std::string_view text, CqlTraits traits = {}) {
    const auto statement = session->prepare(text, traits);
    EXPECT_TRUE(statement.has_value()) << statement.error().detail;
    return *statement;
  }
  void put_numbers(int count) {
    const CqlStatement put = prepare("INSERT INTO numbers (part, n) VALUES (1, ?)");
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(execute(*session, put, CqlValues().int32(i)).has_value());
    }
  }

  std::unique_ptr<CqlSession> session;
};

TEST_F(CqlSessionTest, KeepsEveryTypeAsItWasGiven) {
  const CqlStatement put =
      prepare("INSERT INTO kinds (id, i8, i32, i64, t, b, s, d) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const CqlStatement get =
      prepare("SELECT id, i8, i32, i64, t, b, s, d FROM kinds WHERE id = ?", {.speculative = true});
  const Uuid id = Uuid::v7(from_ms(1'795'000'000'000));
  const std::string blob("\0\xff\x80", 3);
  ASSERT_TRUE(execute(*session, put,
                      CqlValues()
                          .uuid(id)
                          .int8(-128)
                          .int32(-2'000'000'000)
                          .int64(-9'000'000'000'000'000'000)
                          .time(from_ms(1'795'000'000'001))
                          .boolean(true)
                          .text("Grüße, 世界")
                          .blob(blob))
                  .has_value());
  const auto rows = execute(*session, get, CqlValues().uuid(id));
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  ASSERT_EQ(rows->size(), 1u);
  const CqlRow row = (*rows)[0];
  EXPECT_EQ(row.uuid(0), id);
  EXPECT_EQ(row.int8(1), -128);
  EXPECT_EQ(row.int32(2), -2'000'000'000);
  EXPECT_EQ(row.int64(3), -9'000'000'000'000'000'000);
  EXPECT_EQ(row.time(4), from_ms(1'795'000'000'001));
  EXPECT_TRUE(row.boolean(5));
  EXPECT_EQ(row.text(6), "Grüße, 世界");
  EXPECT_EQ(row.blob(7), blob);
}

TEST_F(CqlSessionTest, LeavesAnUnsetColumnAsItIsAndEmptiesANullOne) {
  const CqlStatement put = prepare("INSERT INTO kinds (id, i32, s) VALUES (?, ?, ?)");
  const CqlStatement get = prepare("SELECT i32, s, d FROM kinds WHERE id = ?");
  const Uuid id = Uuid::v4();
  ASSERT_TRUE(execute(*session, put, CqlValues().uuid(id).int32(1).text("a")).has_value());
  ASSERT_TRUE(execute(*session, put, CqlValues().uuid(id).unset().null()).has_value());
  const auto rows = execute(*session, get, CqlValues().uuid(id));
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].int32(0), 1);
  EXPECT_TRUE((*rows)[0].is_null(1));
  EXPECT_TRUE((*rows)[0].is_null(2));
}

TEST_F(CqlSessionTest, FindsTheRowsOfAList) {
  const CqlStatement put = prepare("INSERT INTO kinds (id, i32) VALUES (?, ?)");
  const CqlStatement get = prepare("SELECT i32 FROM kinds WHERE id IN ?");
  std::vector<Uuid> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(Uuid::v4());
    ASSERT_TRUE(execute(*session, put, CqlValues().uuid(ids.back()).int32(i)).has_value());
  }
  ids.resize(3);
  const auto rows = execute(*session, get, CqlValues().uuids(ids));
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  EXPECT_EQ(rows->size(), 3u);
}

TEST_F(CqlSessionTest, GivesAnAnswerPageByPageWithoutAGapOrARepetition) {
  put_numbers(25);
  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = 1");
  std::vector<int> seen;
  std::string page;
  int pages = 0;
  do {
    CqlCall call = soon();
    call.page_rows = 10;
    call.page = page;
    const auto rows = execute(*session, get, {}, call);
    ASSERT_TRUE(rows.has_value()) << rows.error().detail;
    for (std::size_t i = 0; i < rows->size(); ++i) seen.push_back((*rows)[i].int32(0));
    page = rows->next_page();
    ++pages;
  } while (!page.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(seen.size(), 25u);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(execute(*session, get, {})->size(), 25u);
}

TEST_F(CqlSessionTest, SaysWhetherAConditionHeldAndWhatStandsThere) {
  const CqlStatement claim =
      prepare("INSERT INTO kinds (id, s) VALUES (?, ?) IF NOT EXISTS", {.idempotent = false});
  const Uuid id = Uuid::v4();
  const auto first = execute(*session, claim, CqlValues().uuid(id).text("first"));
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_TRUE(first->applied());
  const auto second = execute(*session, claim, CqlValues().uuid(id).text("second"));
  ASSERT_TRUE(second.has_value()) << second.error().detail;
  EXPECT_FALSE(second->applied());
  EXPECT_EQ((*second)[0].uuid(1), id);
}

TEST_F(CqlSessionTest, WritesABatchAsAWhole) {
  const CqlStatement put = prepare("INSERT INTO numbers (part, n, note) VALUES (?, ?, ?)");
  std::vector<CqlBound> batch;
  for (int part = 0; part < 3; ++part) {
    batch.push_back({put, CqlValues().int32(part).int32(0).text("batch")});
  }
  const auto done = block_on(session->execute_batch(batch, soon()));
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  const CqlStatement get = prepare("SELECT note FROM numbers WHERE part = ?");
  for (int part = 0; part < 3; ++part) {
    EXPECT_EQ(execute(*session, get, CqlValues().int32(part))->size(), 1u);
  }
}

TEST_F(CqlSessionTest, AsksEachNode) {
  const CqlStatement get =
      prepare("SELECT data_center FROM system.local", {.consistency = CqlConsistency::One});
  const auto answers = block_on(session->execute_on_each_node(get, soon()));
  ASSERT_TRUE(answers.has_value()) << answers.error().detail;
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_EQ((*answers)[0][0].text(0), "datacenter1");
}

TEST_F(CqlSessionTest, CallsWhatTheStoreDoesNotUnderstandInternal) {
  const auto nonsense = session->prepare("SELEKT 1");
  ASSERT_FALSE(nonsense.has_value());
  EXPECT_EQ(nonsense.error().code, ErrorCode::Internal);
  EXPECT_TRUE(nonsense.error().detail.contains("SELEKT")) << nonsense.error().detail;

  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = ?");
  for (CqlValues& values : std::vector{CqlValues(), CqlValues().int32(1).int32(2)}) {
    const auto rows = execute(*session, get, std::move(values));
    ASSERT_FALSE(rows.has_value());
    EXPECT_EQ(rows.error().code, ErrorCode::Internal);
    EXPECT_TRUE(rows.error().detail.contains("markers")) << rows.error().detail;
  }
  const auto wrong_size = execute(*session, get, CqlValues().int64(1));
  ASSERT_FALSE(wrong_size.has_value());
  EXPECT_EQ(wrong_size.error().code, ErrorCode::Internal);
}

TEST_F(CqlSessionTest, SendsNothingAfterTheDeadline) {
  put_numbers(0);
  const CqlStatement put = prepare("INSERT INTO numbers (part, n) VALUES (9, 9)");
  const auto executed = session->stats().executed;
  const auto late = execute(*session, put, {}, soon(-1ms));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(session->stats().executed, executed);
  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = 9");
  EXPECT_TRUE(execute(*session, get, {})->empty());
}

TEST_F(CqlSessionTest, NeedsNoConnectionToBeInItsKeyspace) {
  const CqlStatement before = prepare("SELECT n FROM numbers WHERE part = 1");
  ASSERT_TRUE(session->run("USE system", seconds(10)).has_value());
  EXPECT_TRUE(execute(*session, before, {}).has_value());
  const CqlStatement after = prepare("SELECT n FROM numbers WHERE part = 2");
  EXPECT_TRUE(execute(*session, after, {}).has_value());
  EXPECT_TRUE(session->run("SELECT n FROM numbers WHERE part = 3", seconds(10)).has_value());
}

TEST_F(CqlSessionTest, KeepsTheDeadlineWhenTheStoreStandsStill) {
  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = 1");
  ASSERT_TRUE(execute(*session, get, {}).has_value());
  TestCassandra::node().pause();
  const auto begin = SystemClock().monotonic();
  const auto rows = execute(*session, get, {}, soon(300ms));
  const auto took = SystemClock().monotonic() - begin;
  TestCassandra::node().resume();
  ASSERT_FALSE(rows.has_value());
  EXPECT_EQ(rows.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(rows.error().detail.contains("timed out after")) << rows.error().detail;
  EXPECT_GE(took, 290ms);
  EXPECT_LT(took, 1'000ms);
  EXPECT_TRUE(execute(*session, get, {}).has_value());
}

TEST_F(CqlSessionTest, RefusesAtOnceWhatDoesNotFitItsWindow) {
  CqlOptions options = TestCassandra::node().options();
  options.in_flight_max = 1;
  auto narrow = std::move(*CqlSession::connect(options));
  const CqlStatement get = *narrow->prepare("SELECT key FROM system.local");
  TestCassandra::node().pause();
  std::thread first([&] { (void)execute(*narrow, get, {}, soon(1'000ms)); });
  while (narrow->stats().in_flight == 0) std::this_thread::yield();
  const auto begin = SystemClock().monotonic();
  const auto second = execute(*narrow, get, {}, soon(1'000ms));
  EXPECT_LT(SystemClock().monotonic() - begin, 500ms);
  EXPECT_EQ(narrow->stats().refused, 1u);
  TestCassandra::node().resume();
  first.join();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(narrow->stats().in_flight, 0u);
}

TEST_F(CqlSessionTest, FailsWhatIsInFlightWhenItGoes) {
  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = 1");
  TestCassandra::node().pause();
  Result<CqlRows> rows = fail(ErrorCode::Internal);
  std::thread caller([&] { rows = execute(*session, get, {}, soon(60'000ms)); });
  while (session->stats().in_flight == 0) std::this_thread::yield();
  session.reset();
  TestCassandra::node().resume();
  caller.join();
  ASSERT_FALSE(rows.has_value());
  EXPECT_EQ(rows.error().code, ErrorCode::Unavailable);
}

// Awaits one call and counts it when it is right and came back to the loop that it left.
Task<void> read_one(CqlSession& session, CqlStatement get, int number, std::atomic<int>& right) {
  Loop* const loop = Loop::current();
  auto read = session.execute(get, CqlValues().int32(number), soon());
  const auto rows = co_await std::move(read);
  if (rows && rows->size() == 1 && (*rows)[0].int32(0) == number && Loop::current() == loop) {
    ++right;
  }
}

Task<void> read_many(CqlSession& session, CqlStatement get, int first, int count,
                     std::atomic<int>& right) {
  TaskGroup group("readers");
  for (int i = 0; i < count; ++i) group.spawn(read_one(session, get, first + i, right));
  co_await group.join();
}

TEST_F(CqlSessionTest, AnswersAThousandCallsOfSeveralLoopsEachOnItsOwn) {
  constexpr int kLoops = 4;
  constexpr int kCalls = 250;
  put_numbers(kLoops * kCalls);
  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = 1 AND n = ?");
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int loop = 0; loop < kLoops; ++loop) {
    threads.emplace_back(
        [&, loop] { block_on(read_many(*session, get, loop * kCalls, kCalls, right)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kLoops * kCalls);
  EXPECT_EQ(session->stats().in_flight, 0u);
}

TEST(CqlSessionConnect, SaysOfEachContactPointWhyItFails) {
  CqlOptions options;
  options.contact_points = {"127.0.0.1:1", "no-such-host.invalid:9042"};
  options.connect_deadline = 1'500ms;
  const auto begin = SystemClock().monotonic();
  const auto session = CqlSession::connect(options);
  EXPECT_LT(SystemClock().monotonic() - begin, 4s);
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().code, ErrorCode::Unavailable);
  const std::string& detail = session.error().detail;
  EXPECT_TRUE(detail.contains("127.0.0.1:1: Connection refused")) << detail;
  EXPECT_TRUE(detail.contains("no-such-host.invalid:9042: ")) << detail;
}

TEST(CqlSessionConnect, NeedsOneContactPointThatAnswers) {
  CqlOptions options = TestCassandra::node().options();
  options.contact_points.insert(options.contact_points.begin(), "127.0.0.1:1");
  EXPECT_TRUE(CqlSession::connect(options).has_value());
}

TEST(CqlSessionConnect, RefusesAKeyspaceAndADataCentreThatAreNotThere) {
  CqlOptions options = TestCassandra::node().options("nowhere");
  const auto no_keyspace = CqlSession::connect(options);
  ASSERT_FALSE(no_keyspace.has_value());
  EXPECT_EQ(no_keyspace.error().code, ErrorCode::Internal);
  EXPECT_TRUE(no_keyspace.error().detail.contains("nowhere")) << no_keyspace.error().detail;

  options = TestCassandra::node().options();
  options.local_datacenter = "elsewhere";
  const auto no_datacenter = CqlSession::connect(options);
  ASSERT_FALSE(no_datacenter.has_value());
  EXPECT_EQ(no_datacenter.error().code, ErrorCode::Internal);
  EXPECT_TRUE(no_datacenter.error().detail.contains("it has datacenter1"))
      << no_datacenter.error().detail;

  EXPECT_EQ(CqlSession::connect({}).error().code, ErrorCode::InvalidRequest);
}

// Last: it takes the node down.
TEST_F(CqlSessionTest, ZLosesTheStoreAndFindsItAgain) {
  put_numbers(1);
  const CqlStatement get = prepare("SELECT n FROM numbers WHERE part = 1");
  TestCassandra::node().kill();
  const auto begin = SystemClock().monotonic();
  const auto rows = execute(*session, get, {}, soon(2'000ms));
  EXPECT_LT(SystemClock().monotonic() - begin, 2'500ms);
  ASSERT_FALSE(rows.has_value());
  EXPECT_EQ(rows.error().code, ErrorCode::Unavailable);
  TestCassandra::node().start_again();
  const auto until = SystemClock().monotonic() + 20s;
  bool is_back = false;
  while (!is_back && SystemClock().monotonic() < until) {
    is_back = execute(*session, get, {}, soon(500ms)).has_value();
  }
  EXPECT_TRUE(is_back);
  EXPECT_EQ(execute(*session, get, {})->size(), 1u);
}

}  // namespace
}  // namespace tidings
