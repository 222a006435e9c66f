#include "adapters/cassandra/test_messages.h"
#include "ports/message_store_contract.h"

// Messages in Cassandra, held to the contract of every store.
namespace tidings::contract {
namespace {

// Ids are random, so that all tests share one keyspace.
cassandra::TestMessages& shared() { return cassandra::TestMessages::shared(); }

std::shared_ptr<MessageStore> messages() { return shared().another_store(); }

// A worker that goes on in another bucket after every few messages.
std::shared_ptr<MessageStore> in_small_buckets() {
  return shared().another_store({.full_bytes = 500, .wanted_bytes = 200});
}

INSTANTIATE_TEST_SUITE_P(Cassandra, MessageStoreContract, testing::Values(messages));
INSTANTIATE_TEST_SUITE_P(CassandraInSmallBuckets, MessageStoreContract,
                         testing::Values(in_small_buckets));

}  // namespace
}  // namespace tidings::contract
