#include "adapters/memory/memory_session_store.h"

#include <gtest/gtest.h>

#include "ports/session_store_contract.h"

namespace tidings::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, SessionStoreContract,
                         testing::Values([] { return std::make_shared<MemorySessionStore>(); }));

}  // namespace
}  // namespace tidings::contract
