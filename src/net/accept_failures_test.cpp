#include "net/accept_failures.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(AcceptFailures, AreSaidAtOnceAndThenOnceASecondWithHowManyThereWere) {
  AcceptFailures failures;
  const Instant begin{};
  EXPECT_EQ(failures.add(begin), 1U);
  for (int i = 1; i < 10; ++i) {
    EXPECT_EQ(failures.add(begin + milliseconds(100) * i), std::nullopt);
  }
  EXPECT_EQ(failures.add(begin + seconds(1)), 10U);
  EXPECT_EQ(failures.add(begin + milliseconds(1'999)), std::nullopt);
  EXPECT_EQ(failures.add(begin + seconds(60)), 2U);
}

}  // namespace
}  // namespace tidings
