#include "adapters/memory/memory_read_mark_store.h"

#include <gtest/gtest.h>

#include "ports/read_mark_store_contract.h"

namespace tidings::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, ReadMarkStoreContract,
                         testing::Values([] { return std::make_shared<MemoryReadMarkStore>(); }));

}  // namespace
}  // namespace tidings::contract
