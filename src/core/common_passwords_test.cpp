#include "core/common_passwords.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace tidings {
namespace {

TEST(CommonPasswords, AreThreeThousandInOrderOfEightCharactersOrMore) {
  std::istringstream text{std::string(common_passwords())};
  std::vector<std::string> list;
  for (std::string word; text >> word;) list.push_back(word);
  EXPECT_EQ(list.size(), 3'000U);
  EXPECT_TRUE(std::ranges::is_sorted(list));
  for (const std::string& word : list) {
    EXPECT_GE(word.size(), 8U);
    EXPECT_TRUE(is_common_password(word)) << word;
  }
}

TEST(CommonPasswords, AreNoBetterInCapitals) {
  EXPECT_TRUE(is_common_password("password"));
  EXPECT_TRUE(is_common_password("PassWord"));
  EXPECT_TRUE(is_common_password("12345678"));
}

TEST(CommonPasswords, HoldNoUncommonOne) {
  EXPECT_FALSE(is_common_password("correct horse"));
  EXPECT_FALSE(is_common_password(""));
  EXPECT_FALSE(is_common_password(" "));
  EXPECT_FALSE(is_common_password("password password1"));
}

}  // namespace
}  // namespace tidings
