#include "core/store_watch.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_user_store.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class FailingUserStore final : public MemoryUserStore {
 public:
  bool is_down = false;

  Task<Result<std::optional<User>>> find(UserId user) override {
    if (is_down) co_return fail(ErrorCode::Unavailable);
    co_return co_await MemoryUserStore::find(user);
  }
};

struct StoreWatchTest : testing::Test {
  ManualClock clock;
  FailingUserStore users;
  StoreWatch watch{users, clock};

  void look_after(milliseconds time) {
    clock.advance(time);
    block_on(watch.look());
  }
};

TEST_F(StoreWatchTest, AStoreThatIsSilentForAMomentIsHeldToAnswer) {
  users.is_down = true;
  look_after(2'999ms);
  EXPECT_TRUE(watch.answers());
}

TEST_F(StoreWatchTest, AStoreThatIsSilentForThreeSecondsDoesNot) {
  look_after(2s);
  users.is_down = true;
  look_after(3s);
  EXPECT_FALSE(watch.answers());
}

TEST_F(StoreWatchTest, OneAnswerIsEnough) {
  users.is_down = true;
  look_after(1min);
  ASSERT_FALSE(watch.answers());
  users.is_down = false;
  EXPECT_FALSE(watch.answers());
  look_after(500ms);
  EXPECT_TRUE(watch.answers());
}

TEST_F(StoreWatchTest, AWorkerThatAsksNoMoreKnowsNothing) {
  clock.advance(3s);
  EXPECT_FALSE(watch.answers());
}

}  // namespace
}  // namespace tidings
