#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "adapters/cassandra/message_store.h"
#include "adapters/cassandra/test_keyspace.h"

namespace tidings::cassandra {

// Any number of workers' message stores over one keyspace.
class TestMessages {
 public:
  static TestMessages& shared() {
    static TestMessages messages(TestKeyspace::shared());
    return messages;
  }
  explicit TestMessages(TestKeyspace& keyspace) : keyspace_(keyspace) {}

  // A worker that knows nothing yet.
  std::shared_ptr<CassandraMessageStore> another_store(BucketRules rules = {}) {
    auto store = CassandraMessageStore::open(keyspace_.session(), keyspace_.clock(), rules);
    EXPECT_TRUE(store.has_value()) << store.error().detail;
    return store ? std::move(*store) : nullptr;
  }

  TestKeyspace& keyspace() { return keyspace_; }
  CqlSession& session() { return keyspace_.session(); }
  const Clock& clock() const { return keyspace_.clock(); }

  // How many requests went to the store since this was asked before.
  std::uint64_t requests() {
    const std::uint64_t all = session().stats().executed;
    return all - std::exchange(requests_before_, all);
  }

 private:
  TestKeyspace& keyspace_;
  std::uint64_t requests_before_ = 0;
};

}  // namespace tidings::cassandra
