#include "adapters/rocks/test_store.h"
#include "ports/arrival_log_contract.h"
#include "ports/message_store_contract.h"

// The RocksDB adapters, held to the contract of every store.
namespace tidings::contract {
namespace {

struct Opened {
  rocks::TestDirectory directory;
  std::unique_ptr<RocksStore> store = rocks::open_store(rocks::options_in(directory.path()));
};

// Ids are random, so that all tests share one store, as they would share a Cassandra.
std::shared_ptr<Opened> opened() {
  static const auto kOpened = std::make_shared<Opened>();
  return kOpened;
}

std::shared_ptr<MessageStore> messages() {
  const auto all = opened();
  return {all, &all->store->messages()};
}
StoreWithLog with_log() {
  const auto all = opened();
  return {{all, &all->store->messages()}, {all, &all->store->arrivals()}};
}

INSTANTIATE_TEST_SUITE_P(Rocks, MessageStoreContract, testing::Values(messages));
INSTANTIATE_TEST_SUITE_P(Rocks, ArrivalLogContract, testing::Values(with_log));

}  // namespace
}  // namespace tidings::contract
