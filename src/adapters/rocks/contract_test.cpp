#include "adapters/rocks/test_store.h"
#include "ports/arrival_log_contract.h"
#include "ports/group_store_contract.h"
#include "ports/message_store_contract.h"
#include "ports/read_mark_store_contract.h"
#include "ports/session_store_contract.h"
#include "ports/user_store_contract.h"

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
std::shared_ptr<GroupStore> groups() {
  const auto all = opened();
  return {all, &all->store->groups()};
}
std::shared_ptr<UserStore> users() {
  const auto all = opened();
  return {all, &all->store->users()};
}
std::shared_ptr<SessionStore> sessions() {
  const auto all = opened();
  return {all, &all->store->sessions()};
}
std::shared_ptr<ReadMarkStore> read_marks() {
  const auto all = opened();
  return {all, &all->store->read_marks()};
}
StoreWithLog with_log() {
  const auto all = opened();
  return {{all, &all->store->messages()}, {all, &all->store->arrivals()}};
}

INSTANTIATE_TEST_SUITE_P(Rocks, MessageStoreContract, testing::Values(messages));
INSTANTIATE_TEST_SUITE_P(Rocks, ArrivalLogContract, testing::Values(with_log));
INSTANTIATE_TEST_SUITE_P(Rocks, GroupStoreContract, testing::Values(groups));
INSTANTIATE_TEST_SUITE_P(Rocks, UserStoreContract, testing::Values(users));
INSTANTIATE_TEST_SUITE_P(Rocks, SessionStoreContract, testing::Values(sessions));
INSTANTIATE_TEST_SUITE_P(Rocks, ReadMarkStoreContract, testing::Values(read_marks));
INSTANTIATE_TEST_SUITE_P(Rocks, ReadMarkPositionContract, testing::Values(read_marks));

}  // namespace
}  // namespace tidings::contract
