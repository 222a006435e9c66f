#include "adapters/redis/redis_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/redis/test_redis.h"

namespace tidings {
namespace {

using enum RedisEvent;

constexpr std::string_view kInfo =
    "# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n";

TEST(RedisWatch, ReadsWhatInfoSays) {
  EXPECT_EQ(info_value(kInfo, "run_id"), "abc");
  EXPECT_EQ(info_value(kInfo, "maxmemory_policy"), "noeviction");
  EXPECT_EQ(info_value(kInfo, "run"), "");
  EXPECT_EQ(info_value("run_id", "run_id"), "");
  EXPECT_EQ(info_value("run_id:x", "run_id"), "x");
  EXPECT_EQ(info_value("", "run_id"), "");
}

TEST(RedisWatch, RefusesAnOldOne) {
  EXPECT_TRUE(judge_redis(kInfo).has_value());
  const auto judged = judge_redis("redis_version:6.2.14\r\nmaxmemory_policy:noeviction\r\n");
  ASSERT_FALSE(judged.has_value());
  EXPECT_EQ(judged.error().code, ErrorCode::InvalidRequest);
  EXPECT_NE(judged.error().detail.find("6.2.14"), std::string::npos);
  EXPECT_FALSE(judge_redis("").has_value());
}

// A Redis of its own, since it is killed and set up wrongly.
struct Watched {
  TestRedis redis{RedisKind::Plain};
  std::unique_ptr<RedisClient> client = redis.open();
  std::vector<RedisEvent> events;
  RedisWatch watch{*client, [this](RedisEvent event) { events.push_back(event); }};

  void look() { block_on(watch.look()); }
  // Until it is heard that something else holds; the client may need a moment to connect again.
  void look_until_it_answers(bool answers) {
    for (int looks = 0; looks < 100 && watch.answers() != answers; ++looks) {
      look();
      std::this_thread::sleep_for(milliseconds(20));
    }
    ASSERT_EQ(watch.answers(), answers);
  }
};

TEST(RedisWatch, SaysNothingWhileAllIsWell) {
  Watched it;
  EXPECT_FALSE(it.watch.answers());
  EXPECT_FALSE(it.watch.fitness().has_value());
  it.look();
  it.look();
  EXPECT_TRUE(it.watch.answers());
  EXPECT_TRUE(it.watch.fitness().has_value());
  EXPECT_TRUE(it.events.empty());
}

TEST(RedisWatch, TellsARestartFromAPause) {
  Watched it;
  it.look();
  it.redis.node().pause();
  it.look_until_it_answers(false);
  EXPECT_EQ(it.events, (std::vector{Gone}));
  it.redis.node().resume();
  it.look_until_it_answers(true);
  EXPECT_EQ(it.events, (std::vector{Gone, Back}));

  it.redis.node().kill();
  it.look_until_it_answers(false);
  it.redis.node().start();
  it.look_until_it_answers(true);
  EXPECT_EQ(it.events, (std::vector{Gone, Back, Gone, Back, Replaced}));
  it.look();
  EXPECT_EQ(it.events.size(), 5u);
}

TEST(RedisWatch, NoticesARestartBetweenTwoLooks) {
  Watched it;
  it.look();
  it.redis.node().kill();
  it.redis.node().start();
  // The client may find its connection broken first.
  for (int looks = 0; looks < 100 && std::ranges::count(it.events, Replaced) == 0; ++looks) {
    it.look();
    std::this_thread::sleep_for(milliseconds(20));
  }
  ASSERT_FALSE(it.events.empty());
  EXPECT_EQ(it.events.back(), Replaced);
}

TEST(RedisWatch, NoticesThatAnotherCopyTookOver) {
  Watched it;
  it.look();
  // A new history under the same process, as a promoted replica begins one.
  const int other = RedisProcess::free_port();
  it.redis.cli("replicaof 127.0.0.1 " + std::to_string(other));
  it.redis.cli("replicaof no one");
  it.look();
  EXPECT_EQ(it.events, std::vector{Replaced});
}

TEST(RedisWatch, RefusesARedisThatEvictsAndSaysWhatToDo) {
  Watched it;
  EXPECT_TRUE(block_on(it.watch.check()).has_value());
  it.redis.cli("config set maxmemory-policy allkeys-lru");
  const auto checked = block_on(it.watch.check());
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::InvalidRequest);
  EXPECT_NE(checked.error().detail.find("allkeys-lru"), std::string::npos);
  EXPECT_NE(checked.error().detail.find("maxmemory-policy noeviction"), std::string::npos);
  EXPECT_FALSE(it.watch.fitness().has_value());
  it.redis.cli("config set maxmemory-policy noeviction");
  it.look();
  EXPECT_TRUE(it.watch.fitness().has_value());
}

TEST(RedisWatch, SaysThatItCannotTellWhenNobodyAnswers) {
  Watched it;
  it.redis.node().kill();
  EXPECT_EQ(block_on(it.watch.check()).error().code, ErrorCode::Unavailable);
}

TEST(RedisWatch, LooksAtEveryMasterOfACluster) {
  auto& redis = TestRedis::shared(RedisKind::Cluster);
  const auto client = redis.open();
  RedisWatch watch(*client, {});
  EXPECT_TRUE(block_on(watch.check()).has_value());
  redis.node(2).cli("config set maxmemory-policy allkeys-lru");
  EXPECT_FALSE(block_on(watch.check()).has_value());
  redis.node(2).cli("config set maxmemory-policy noeviction");
}

}  // namespace
}  // namespace tidings
