#include "app/file_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace tidings {
namespace {

TEST(FileLimit, LeavesFilesForAllElseHoweverFewThereAre) {
  EXPECT_EQ(connections_that_fit({.open = 50, .max = 200'000}), 198'926U);
  EXPECT_EQ(connections_that_fit({.open = 50, .max = 1'024}), 462U);
  EXPECT_EQ(connections_that_fit({.open = 44, .max = 120}), 16U);
  EXPECT_EQ(connections_that_fit({.open = 44, .max = 80}), 0U);
  EXPECT_EQ(connections_that_fit({.open = 90, .max = 80}), 0U);
}

TEST(FileLimit, IsThatOfThisProcess) {
  const FileLimit before = read_file_limit();
  const int one_more = ::dup(0);
  ASSERT_GE(one_more, 0);
  EXPECT_EQ(read_file_limit().open, before.open + 1);
  ::close(one_more);
  EXPECT_GT(before.max, before.open);
}

}  // namespace
}  // namespace tidings
