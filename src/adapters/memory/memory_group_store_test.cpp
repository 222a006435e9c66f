#include "adapters/memory/memory_group_store.h"

#include <gtest/gtest.h>

#include "ports/group_store_contract.h"

namespace tidings::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, GroupStoreContract,
                         testing::Values([] { return std::make_shared<MemoryGroupStore>(); }));

}  // namespace
}  // namespace tidings::contract
