#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapters/cassandra/migrations.h"
#include "adapters/cassandra/testing/test_cassandra.h"
#include "base/clock.h"
#include "bridge/cql_session.h"

namespace tidings::cassandra {

// A keyspace with the whole schema on the test node. Ids are random, so tests may share one.
class TestKeyspace {
 public:
  static TestKeyspace& shared() {
    static TestKeyspace keyspace;
    return keyspace;
  }

  TestKeyspace() {
    const auto options = TestCassandra::node().options(name_);
    MigrationRules rules;
    rules.replication_factor = 1;
    const auto migrated = migrate(options, rules);
    EXPECT_TRUE(migrated.has_value()) << migrated.error().detail;
    session_ = TestCassandra::node().connect(options.keyspace);
  }

  CqlSession& session() { return *session_; }
  const std::string& name() const { return name_; }
  const Clock& clock() const { return clock_; }

  // What a test writes or looks at behind the stores.
  CqlRows run(const std::string& text) {
    auto rows = session_->run(text, seconds(10));
    EXPECT_TRUE(rows.has_value()) << text << ": " << rows.error().detail;
    return rows ? std::move(*rows) : CqlRows();
  }

 private:
  SystemClock clock_;
  const std::string name_ = TestCassandra::node().fresh_keyspace();
  std::unique_ptr<CqlSession> session_;
};

// The system's clock, and what a test adds to it.
class ShiftedClock final : public Clock {
 public:
  Time now() const override { return SystemClock().now() + shift; }
  Instant monotonic() const override { return SystemClock().monotonic() + shift; }
  milliseconds shift{0};
};

// A store opened on the session of a test.
template <class Store>
std::unique_ptr<Store> open_on(TestKeyspace& keyspace, const Clock& clock) {
  auto store = Store::open(keyspace.session(), clock);
  EXPECT_TRUE(store.has_value()) << store.error().detail;
  return store ? std::move(*store) : nullptr;
}

// An id as a literal of CQL: a blob's.
inline std::string blob_literal(const Uuid& id) {
  std::string text = "0x";
  for (const char each : id.to_string()) {
    if (each != '-') text += each;
  }
  return text;
}

}  // namespace tidings::cassandra
