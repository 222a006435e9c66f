#include "adapters/memory/memory_presence.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "ports/presence_contract.h"

namespace tidings {
namespace {

class MemoryFixture final : public PresenceFixture {
 public:
  Presence& presence() override { return presence_; }
  void advance(milliseconds by) override { clock_.advance(by); }

 private:
  ManualClock clock_;
  MemoryPresence presence_{clock_};
};
std::unique_ptr<PresenceFixture> make_fixture() { return std::make_unique<MemoryFixture>(); }

INSTANTIATE_TEST_SUITE_P(Memory, PresenceContract, testing::Values(&make_fixture));

}  // namespace
}  // namespace tidings
