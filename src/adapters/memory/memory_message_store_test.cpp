#include "adapters/memory/memory_message_store.h"

#include <gtest/gtest.h>

#include <memory>

#include "ports/arrival_log_contract.h"
#include "ports/message_store_contract.h"

namespace tidings::contract {
namespace {

using Plays = MemoryMessageStore::Plays;

std::shared_ptr<MessageStore> one_writer() {
  return std::make_shared<MemoryMessageStore>(Plays::OneWriter);
}
std::shared_ptr<MessageStore> many_writers() {
  return std::make_shared<MemoryMessageStore>(Plays::ManyWriters);
}
StoreWithLog with_log() {
  const auto store = std::make_shared<MemoryMessageStore>(Plays::OneWriter);
  return {store, std::make_shared<MemoryArrivalLog>(*store)};
}

INSTANTIATE_TEST_SUITE_P(OneWriter, MessageStoreContract, testing::Values(one_writer));
INSTANTIATE_TEST_SUITE_P(ManyWriters, MessageStoreContract, testing::Values(many_writers));
INSTANTIATE_TEST_SUITE_P(Memory, ArrivalLogContract, testing::Values(with_log));

}  // namespace
}  // namespace tidings::contract
