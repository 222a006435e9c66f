#include "adapters/sodium/password_hasher.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

// The least that libsodium takes, so that the tests are quick.
PasswordCost cheap() {
  return {.passes = 1, .memory_bytes = 8192, .threads = 2, .waiting_max = 64};
}

TEST(SodiumPasswordHasher, KnowsAPasswordByItsHash) {
  SodiumPasswordHasher hasher(cheap());
  const std::string hash = block_on(hasher.hash("correct horse")).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$")) << hash;
  EXPECT_TRUE(block_on(hasher.verify("correct horse", hash)).value());
  EXPECT_FALSE(block_on(hasher.verify("Correct horse", hash)).value());
  EXPECT_FALSE(block_on(hasher.verify("", hash)).value());
}

TEST(SodiumPasswordHasher, GivesOnePasswordTwoHashes) {
  SodiumPasswordHasher hasher(cheap());
  EXPECT_NE(block_on(hasher.hash("correct horse")).value(),
            block_on(hasher.hash("correct horse")).value());
}

TEST(SodiumPasswordHasher, RefusesEveryPasswordOfNobody) {
  SodiumPasswordHasher hasher(cheap());
  EXPECT_FALSE(block_on(hasher.verify("correct horse", "")).value());
  EXPECT_FALSE(block_on(hasher.verify("", "")).value());
  EXPECT_FALSE(block_on(hasher.verify("correct horse", "not a hash")).value());
}

TEST(SodiumPasswordHasher, KnowsAPasswordAfterItsCostWasRaised) {
  SodiumPasswordHasher before(cheap());
  const std::string hash = block_on(before.hash("correct horse")).value();
  PasswordCost dearer = cheap();
  dearer.passes = 2;
  SodiumPasswordHasher after(dearer);
  EXPECT_TRUE(block_on(after.verify("correct horse", hash)).value());
}

Task<void> count_outcomes(SodiumPasswordHasher& hasher, int& hashed, int& refused) {
  const auto hash = co_await hasher.hash("correct horse");
  if (hash) {
    ++hashed;
  } else {
    EXPECT_EQ(hash.error().code, ErrorCode::Unavailable);
    EXPECT_GT(hash.error().retry_after.count(), 0);
    ++refused;
  }
}

Task<void> ask_many(SodiumPasswordHasher& hasher, int calls, int& hashed, int& refused) {
  TaskGroup group("test");
  for (int i = 0; i < calls; ++i) {
    group.spawn(count_outcomes(hasher, hashed, refused));
  }
  co_await group.join();
}

TEST(SodiumPasswordHasher, RefusesMoreThanMayWait) {
  PasswordCost slow = cheap();
  slow.passes = 20;
  slow.memory_bytes = 4 * 1024 * 1024;
  slow.threads = 1;
  slow.waiting_max = 2;
  SodiumPasswordHasher hasher(slow);
  int hashed = 0;
  int refused = 0;
  block_on(ask_many(hasher, 8, hashed, refused));
  EXPECT_EQ(hashed + refused, 8);
  EXPECT_GE(hashed, 2);
  EXPECT_GE(refused, 1);
}

TEST(SodiumPasswordHasher, AnswersAllWhoWaitFromSeveralThreads) {
  SodiumPasswordHasher hasher(cheap());
  int hashed = 0;
  int refused = 0;
  block_on(ask_many(hasher, 40, hashed, refused));
  EXPECT_EQ(hashed, 40);
}

}  // namespace
}  // namespace tidings
