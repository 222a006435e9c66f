#include "adapters/cassandra/session_store.h"

#include <gtest/gtest.h>

#include "adapters/cassandra/test_keyspace.h"
#include "ports/test_values.h"

namespace tidings::cassandra {
namespace {

using contract::succeed;
using contract::value_of;

class CassandraSessions : public testing::Test {
 protected:
  Session created() {
    Session made;
    made.id = SessionId{Uuid::v4()};
    made.user = alice_;
    made.created_at = clock_.now();
    made.last_seen = made.created_at;
    succeed(store_->create(made));
    return made;
  }
  std::size_t entries() {
    return keyspace_
        .run("SELECT session_id FROM user_sessions WHERE user_id = " + alice_.to_string())
        .size();
  }
  void put_entry(SessionId session, Time created_at) {
    keyspace_.run("INSERT INTO user_sessions (user_id, session_id, created_at) VALUES (" +
                  alice_.to_string() + ", " + blob_literal(session.value) + ", " +
                  std::to_string(to_ms(created_at)) + ") USING TIMESTAMP 1");
  }

  TestKeyspace& keyspace_ = TestKeyspace::shared();
  SystemClock clock_;
  std::unique_ptr<CassandraSessionStore> store_ = open_on<CassandraSessionStore>(keyspace_, clock_);
  const UserId alice_{Uuid::v4()};
};

TEST_F(CassandraSessions, LetsEveryColumnOfAnEndedSessionGoAfterAWeek) {
  Session session = created();
  session.ended_at = clock_.now() - std::chrono::days(2);
  EXPECT_TRUE(value_of(store_->compare_and_set(session)));
  std::string columns;
  const std::vector<std::string> names{"user_id",        "device",       "created_at",
                                       "last_seen",      "refresh_hash", "previous_refresh_hash",
                                       "previous_until", "refresh_salt", "ended_at",
                                       "version"};
  for (const auto& name : names) columns += (columns.empty() ? "TTL(" : ", TTL(") + name + ")";
  const auto rows = keyspace_.run("SELECT " + columns +
                                  " FROM sessions WHERE session_id = " + session.id.to_string());
  ASSERT_EQ(rows.size(), 1u);
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_GT(rows[0].int32(i), 5 * 86'400 - 60) << names[i];
    EXPECT_LE(rows[0].int32(i), 5 * 86'400 + 1) << names[i];
  }
}

TEST_F(CassandraSessions, LetsASessionThatHasNotEndedLive) {
  Session session = created();
  session.device = "phone";
  EXPECT_TRUE(value_of(store_->compare_and_set(session)));
  const auto rows = keyspace_.run("SELECT TTL(version) FROM sessions WHERE session_id = " +
                                  session.id.to_string());
  EXPECT_TRUE(rows[0].is_null(0));
}

// Were it made by INSERT, an empty row would stay for ever.
TEST_F(CassandraSessions, LeavesNothingOfASessionWhoseTimeIsOver) {
  Session session = created();
  session.ended_at = clock_.now() - std::chrono::days(8);
  EXPECT_TRUE(value_of(store_->compare_and_set(session)));
  EXPECT_EQ(
      keyspace_.run("SELECT * FROM sessions WHERE session_id = " + session.id.to_string()).size(),
      0u);
  Session made = created();
  for (const char* column :
       {"user_id", "device", "created_at", "last_seen", "refresh_hash", "previous_refresh_hash",
        "previous_until", "refresh_salt", "ended_at", "version"}) {
    keyspace_.run(std::string("DELETE ") + column +
                  " FROM sessions WHERE session_id = " + made.id.to_string());
  }
  EXPECT_EQ(value_of(store_->find(made.id)), std::nullopt);
}

TEST_F(CassandraSessions, RemovesTheEntryOfASessionThatHasEnded) {
  Session session = created();
  EXPECT_EQ(entries(), 1u);
  session.ended_at = clock_.now();
  EXPECT_TRUE(value_of(store_->compare_and_set(session)));
  EXPECT_EQ(entries(), 0u);
}

TEST_F(CassandraSessions, RemovesTheEntriesThatACrashLeftWhenTheyAreListed) {
  Session ended = created();
  ended.ended_at = clock_.now();
  // The process died after it had ended the session.
  keyspace_.run("UPDATE sessions SET ended_at = 1000, version = 1 WHERE session_id = " +
                ended.id.to_string() + " IF version = 0");
  put_entry(SessionId{Uuid::v4()}, clock_.now() - std::chrono::hours(2));  // forgotten long ago
  const SessionId in_the_making{Uuid::v4()};
  put_entry(in_the_making, clock_.now());
  const Session open = created();
  EXPECT_EQ(entries(), 4u);
  EXPECT_EQ(value_of(store_->list(alice_, {}, 10)), std::vector{open});
  EXPECT_EQ(entries(), 2u);

  Session made = open;
  made.id = in_the_making;
  succeed(store_->create(made));
  EXPECT_EQ(value_of(store_->list(alice_, {}, 10)).size(), 2u);
}

TEST_F(CassandraSessions, LetsRevocationsGoAfterTwentyTwoMinutes) {
  const Revocation revocation{Uuid::v4(), clock_.now()};
  succeed(store_->revoke(revocation));
  const auto minute = to_ms(revocation.at) / 60'000;
  const auto rows =
      keyspace_.run("SELECT id FROM revocations WHERE minute = " + std::to_string(minute) +
                    " AND shard IN (0, 1, 2, 3)");
  EXPECT_GE(rows.size(), 1u);
  const auto table = keyspace_.run(
      "SELECT default_time_to_live FROM system_schema.tables WHERE table_name = 'revocations' "
      "AND keyspace_name = '" +
      keyspace_.name() + "'");
  EXPECT_EQ(table[0].int32(0), 22 * 60);
}

TEST_F(CassandraSessions, ReadsAllRevocationsOfTheLastMinutesAtOnce) {
  for (int i = 0; i < 20; ++i) succeed(store_->revoke({Uuid::v4(), clock_.now()}));
  const auto before = keyspace_.session().stats().executed;
  EXPECT_GE(value_of(store_->revoked_since(clock_.now() - std::chrono::minutes(2))).size(), 20u);
  EXPECT_EQ(keyspace_.session().stats().executed - before, 1u);
}

}  // namespace
}  // namespace tidings::cassandra
