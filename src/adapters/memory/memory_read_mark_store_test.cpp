#include "adapters/memory/memory_read_mark_store.h"

#include <gtest/gtest.h>

#include "ports/read_mark_store_contract.h"

namespace tidings::contract {
namespace {

std::shared_ptr<ReadMarkStore> made() { return std::make_shared<MemoryReadMarkStore>(); }

INSTANTIATE_TEST_SUITE_P(Memory, ReadMarkStoreContract, testing::Values(made));
INSTANTIATE_TEST_SUITE_P(Memory, ReadMarkPositionContract, testing::Values(made));

}  // namespace
}  // namespace tidings::contract
