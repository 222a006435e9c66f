#include "adapters/memory/memory_user_store.h"

#include <gtest/gtest.h>

#include "ports/user_store_contract.h"

namespace tidings::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, UserStoreContract,
                         testing::Values([] { return std::make_shared<MemoryUserStore>(); }));

}  // namespace
}  // namespace tidings::contract
