#include "adapters/cassandra/group_store.h"
#include "adapters/cassandra/read_mark_store.h"
#include "adapters/cassandra/session_store.h"
#include "adapters/cassandra/test_keyspace.h"
#include "adapters/cassandra/user_store.h"
#include "ports/group_store_contract.h"
#include "ports/read_mark_store_contract.h"
#include "ports/session_store_contract.h"
#include "ports/user_store_contract.h"

// The Cassandra adapters of everything but messages, held to the contract of every store, on a real
// node.
namespace tidings::contract {
namespace {

// One for all tests, as one worker has it.
template <class Store>
std::shared_ptr<Store> opened() {
  auto& keyspace = cassandra::TestKeyspace::shared();
  static const std::shared_ptr<Store> kStore =
      cassandra::open_on<Store>(keyspace, keyspace.clock());
  return kStore;
}

INSTANTIATE_TEST_SUITE_P(Cassandra, GroupStoreContract,
                         testing::Values(opened<cassandra::CassandraGroupStore>));
INSTANTIATE_TEST_SUITE_P(Cassandra, UserStoreContract,
                         testing::Values(opened<cassandra::CassandraUserStore>));
INSTANTIATE_TEST_SUITE_P(Cassandra, SessionStoreContract,
                         testing::Values(opened<cassandra::CassandraSessionStore>));
INSTANTIATE_TEST_SUITE_P(Cassandra, ReadMarkStoreContract,
                         testing::Values(opened<cassandra::CassandraReadMarkStore>));

}  // namespace
}  // namespace tidings::contract
