#include "adapters/redis/redis_names.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(RedisNames, WriteAUuidInTwentyTwoCharactersAndReadItBack) {
  const Uuid id = Uuid::v4();
  EXPECT_EQ(short_name(id).size(), 22u);
  EXPECT_EQ(read_short_name(short_name(id)), id);
}

TEST(RedisNames, ReadNothingElse) {
  EXPECT_EQ(read_short_name(""), std::nullopt);
  EXPECT_EQ(read_short_name("AAAA"), std::nullopt);
  EXPECT_EQ(read_short_name(std::string(22, '!')), std::nullopt);
  EXPECT_EQ(read_short_name(std::string(24, 'A')), std::nullopt);
}

TEST(RedisNames, GiveAllKeysOfOneThingOneHashTag) {
  const UserId user{};
  EXPECT_EQ(user_key(user, "p"), "{u:AAAAAAAAAAAAAAAAAAAAAA}p");
  EXPECT_EQ(user_key(user, "t:send"), "{u:AAAAAAAAAAAAAAAAAAAAAA}t:send");
  EXPECT_EQ(gateway_key("10.0.0.7:7500", "l"), "{g:10.0.0.7:7500}l");
  EXPECT_EQ(shard_key(15, "wake"), "{q15}wake");
}

}  // namespace
}  // namespace tidings
