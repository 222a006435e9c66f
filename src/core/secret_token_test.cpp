#include "core/secret_token.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

const std::string kSecret(32, '\x5A');

TEST(SecretToken, SaysWhatItOpens) {
  const Uuid id = Uuid::v4();
  const std::string token = make_secret_token(kServiceKeyPrefix, id, kSecret);
  EXPECT_EQ(token.size(), 4U + 32U + 1U + 43U);
  EXPECT_EQ(id_of_secret_token(kServiceKeyPrefix, token), id);
}

TEST(SecretToken, IsReadInExactlyItsFormOnly) {
  const std::string token = make_secret_token(kServiceKeyPrefix, Uuid::v4(), kSecret);
  EXPECT_FALSE(id_of_secret_token(kRefreshTokenPrefix, token));
  EXPECT_FALSE(id_of_secret_token(kServiceKeyPrefix, token + "A"));
  EXPECT_FALSE(id_of_secret_token(kServiceKeyPrefix, ""));
  for (std::size_t i = 0; i < token.size(); ++i) {
    EXPECT_FALSE(id_of_secret_token(kServiceKeyPrefix, token.substr(0, i)));
    std::string other = token;
    other[i] = '!';
    EXPECT_FALSE(id_of_secret_token(kServiceKeyPrefix, other)) << i;
  }
}

TEST(SecretToken, IsStoredAsAHashOfTheWhole) {
  const Uuid id = Uuid::v4();
  const std::string token = make_secret_token(kServiceKeyPrefix, id, kSecret);
  EXPECT_EQ(hash_of_secret_token(token).size(), 32U);
  EXPECT_NE(hash_of_secret_token(token),
            hash_of_secret_token(make_secret_token(kServiceKeyPrefix, Uuid::v4(), kSecret)));
}

}  // namespace
}  // namespace tidings
