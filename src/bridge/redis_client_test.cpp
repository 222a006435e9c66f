#include "bridge/redis_client.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/run_loop.h"
#include "base/task_group.h"
#include "bridge/test_redis_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds kSoon{2'000};

std::unique_ptr<RedisClient> open(RedisOptions options) {
  auto client = RedisClient::open(options);
  EXPECT_TRUE(client.has_value());
  return std::move(*client);
}

RedisOptions options_of(const TestRedisServer& server) {
  RedisOptions options;
  options.servers = {server.address()};
  return options;
}

Result<RedisReply> ask(RedisClient& client, std::vector<std::string> words,
                       milliseconds within = kSoon) {
  auto replies = block_on(client.run({RedisCommand{std::move(words)}}, within));
  if (!replies) return forward(std::move(replies));
  return std::move(replies->front());
}

// Asks again until it is answered.
bool answers_within(RedisClient& client, milliseconds within, std::vector<std::string> words) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < until) {
    if (ask(client, words, 200ms)) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

// Remembers which channels were heard.
class Ear {
 public:
  void hear(std::string_view channel) {
    const std::lock_guard lock(mutex_);
    heard_.emplace(channel);
    changed_.notify_all();
  }
  bool has_heard(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    return heard_.contains(channel);
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    heard_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<std::string> heard_;
};

// Publishes again until it was heard: a subscription says nothing when it stands.
bool hears_within(RedisClient& client, Ear& ear, const std::string& channel, milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < until) {
    (void)ask(client, {"SPUBLISH", channel, "x"}, 200ms);
    std::this_thread::sleep_for(20ms);
    if (ear.has_heard(channel)) return true;
  }
  return false;
}

const RedisScript& echo() {
  static const RedisScript script =
      RedisClient::script("redis.call('SET', KEYS[1], ARGV[1]); return {KEYS[1], ARGV[1], 7}");
  return script;
}

void expect_echo(RedisClient& client, const std::string& key) {
  const auto reply = block_on(client.run(echo(), {key}, {"v"}, kSoon));
  ASSERT_TRUE(reply.has_value()) << reply.error().detail;
  ASSERT_EQ(reply->list.size(), 3u);
  EXPECT_EQ(reply->list[0].text, key);
  EXPECT_EQ(reply->list[1].text, "v");
  EXPECT_EQ(reply->list[2].integer, 7);
}

TEST(RedisClient, RefusesAnAddressThatCanNotBeRead) {
  for (const char* server : {"localhost", "localhost:", ":1", "h:0", "h:65536", "h:1x"}) {
    RedisOptions options;
    options.servers = {server};
    const auto client = RedisClient::open(options);
    ASSERT_FALSE(client.has_value()) << server;
    EXPECT_EQ(client.error().code, ErrorCode::InvalidRequest);
  }
  EXPECT_FALSE(RedisClient::open({}).has_value());
}

TEST(RedisClient, GivesEachReplyItsKind) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  const std::string bytes("\0\xff\r\n", 4);
  EXPECT_EQ(ask(*client, {"SET", "k", bytes})->text, "OK");
  EXPECT_EQ(ask(*client, {"GET", "k"})->text, bytes);
  EXPECT_EQ(ask(*client, {"GET", "none"})->kind, RedisReply::Kind::Nil);
  EXPECT_EQ(ask(*client, {"INCR", "n"})->integer, 1);
  EXPECT_EQ(ask(*client, {"HSET", "h", "a", "1"})->integer, 1);
  const auto hash = ask(*client, {"HGETALL", "h"});
  ASSERT_EQ(hash->kind, RedisReply::Kind::List);
  ASSERT_EQ(hash->list.size(), 2u);
  EXPECT_EQ(hash->list[0].text, "a");
  EXPECT_EQ(hash->list[1].text, "1");
  EXPECT_EQ(ask(*client, {"HGETALL", "none"})->kind, RedisReply::Kind::List);
}

TEST(RedisClient, RunsAScriptThatTheServerHasNeverSeenAndOneThatItForgot) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  expect_echo(*client, "a");
  expect_echo(*client, "b");
  EXPECT_TRUE(ask(*client, {"SCRIPT", "FLUSH"}).has_value());
  expect_echo(*client, "c");
}

TEST(RedisClient, CallsAnErrorOfTheScriptInternal) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  const auto broken = RedisClient::script("return redis.call('INCR', KEYS[1])");
  ASSERT_TRUE(ask(*client, {"SET", "k", "text"}).has_value());
  const auto reply = block_on(client->run(broken, {"k"}, {}, kSoon));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::Internal);
  EXPECT_TRUE(reply.error().detail.contains("not an integer")) << reply.error().detail;
  const auto unknown = ask(*client, {"NOSUCHCOMMAND"});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::Internal);
}

TEST(RedisClient, AnswersCommandsInTheirOrder) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  std::vector<RedisCommand> commands;
  for (int i = 0; i < 500; ++i) {
    commands.push_back({{"SET", "k" + std::to_string(i), std::to_string(i)}});
    commands.push_back({{"GET", "k" + std::to_string(i)}});
  }
  const auto replies = block_on(client->run(std::move(commands), kSoon));
  ASSERT_TRUE(replies.has_value()) << replies.error().detail;
  ASSERT_EQ(replies->size(), 1'000u);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ((*replies)[static_cast<std::size_t>(2 * i + 1)].text, std::to_string(i));
  }
  EXPECT_TRUE(block_on(client->run(std::vector<RedisCommand>{}, kSoon))->empty());
}

TEST(RedisClient, SaysWhereThereIsNoConnectionWithoutWaitingForTheDeadline) {
  RedisOptions options;
  {
    TestRedisServer server;
    options = options_of(server);
  }
  const auto client = open(options);
  (void)ask(*client, {"PING"});
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = ask(*client, {"PING"}, 5'000ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(reply.error().detail.contains(options.servers[0])) << reply.error().detail;
  EXPECT_TRUE(reply.error().detail.contains("refused")) << reply.error().detail;
}

TEST(RedisClient, KeepsTheDeadlineWhenTheServerStandsStill) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  ASSERT_TRUE(ask(*client, {"PING"}).has_value());
  server.pause();
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = ask(*client, {"PING"}, 50ms);
  const auto took = std::chrono::steady_clock::now() - begin;
  server.resume();
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(reply.error().detail.contains("50ms")) << reply.error().detail;
  EXPECT_LT(took, 500ms);
  EXPECT_TRUE(answers_within(*client, 5'000ms, {"PING"}));
}

TEST(RedisClient, MendsItselfWhenTheServerIsKilledAndStartedAgain) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  expect_echo(*client, "a");
  server.kill();
  const auto reply = ask(*client, {"PING"});
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
  server.start();
  EXPECT_TRUE(answers_within(*client, 5'000ms, {"PING"}));
  expect_echo(*client, "a");
  EXPECT_GE(client->stats().reconnections, 1u);
}

TEST(RedisClient, FollowsTheMaster) {
  TestRedisServer master;
  TestRedisServer replica;
  {
    const auto client = open(options_of(replica));
    ASSERT_TRUE(
        ask(*client, {"REPLICAOF", "127.0.0.1", std::to_string(master.port())}).has_value());
  }
  RedisOptions options;
  options.servers = {replica.address(), master.address()};
  const auto client = open(options);
  EXPECT_TRUE(ask(*client, {"SET", "k", "1"}).has_value());
}

TEST(RedisClient, RefusesAtOnceWhatDoesNotFitItsWindow) {
  TestRedisServer server;
  RedisOptions options = options_of(server);
  options.in_flight_max = 1;
  const auto client = open(options);
  ASSERT_TRUE(ask(*client, {"PING"}).has_value());
  server.pause();
  std::thread first([&client] { (void)ask(*client, {"PING"}, 1'000ms); });
  while (client->stats().in_flight == 0) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  const auto second = ask(*client, {"PING"}, 1'000ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(client->stats().refused, 1u);
  server.resume();
  first.join();
}

TEST(RedisClient, FailsWhatIsInFlightWhenItGoes) {
  TestRedisServer server;
  auto client = open(options_of(server));
  ASSERT_TRUE(ask(*client, {"PING"}).has_value());
  server.pause();
  Result<RedisReply> reply = fail(ErrorCode::Internal);
  RedisClient& asked = *client;
  std::thread caller([&reply, &asked] { reply = ask(asked, {"PING"}, 60'000ms); });
  while (asked.stats().in_flight == 0) std::this_thread::yield();
  client.reset();
  caller.join();
  server.resume();
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
}

TEST(RedisClient, HearsWhatIsPublishedAlsoAfterARestart) {
  TestRedisServer server;
  const auto client = open(options_of(server));
  Ear ear;
  client->subscribe({"one", "two"}, [&ear](std::string_view channel) { ear.hear(channel); });
  EXPECT_TRUE(hears_within(*client, ear, "one", 5'000ms));
  EXPECT_TRUE(hears_within(*client, ear, "two", 5'000ms));
  EXPECT_FALSE(hears_within(*client, ear, "three", 200ms));
  server.kill();
  server.start();
  ear.forget();
  EXPECT_TRUE(hears_within(*client, ear, "one", 10'000ms));
  EXPECT_TRUE(hears_within(*client, ear, "two", 10'000ms));
}

TEST(RedisClientOnACluster, RunsScriptsAndCommandsOnTheNodesOfTheirKeys) {
  TestRedisCluster cluster;
  const auto client = open(cluster.options());
  std::vector<RedisCommand> commands;
  for (int i = 0; i < 100; ++i) {
    const std::string key = "{k" + std::to_string(i) + "}";
    expect_echo(*client, key);
    commands.push_back({{"GET", key}});
  }
  const auto replies = block_on(client->run(std::move(commands), kSoon));
  ASSERT_TRUE(replies.has_value()) << replies.error().detail;
  ASSERT_EQ(replies->size(), 100u);
  for (const RedisReply& reply : *replies) EXPECT_EQ(reply.text, "v");

  const auto sizes = block_on(client->run_on_each_master({"DBSIZE"}, kSoon));
  ASSERT_TRUE(sizes.has_value()) << sizes.error().detail;
  ASSERT_EQ(sizes->size(), 3u);
  std::int64_t all = 0;
  for (const RedisReply& size : *sizes) {
    EXPECT_GT(size.integer, 0);
    all += size.integer;
  }
  EXPECT_EQ(all, 100);

  EXPECT_TRUE(block_on(client->run_on_each_master({"SCRIPT", "FLUSH"}, kSoon)).has_value());
  for (int i = 0; i < 20; ++i) expect_echo(*client, "{k" + std::to_string(i) + "}");
  const auto crossing = block_on(client->run(echo(), {"{a}", "{b}"}, {"v"}, kSoon));
  ASSERT_FALSE(crossing.has_value());
  EXPECT_EQ(crossing.error().code, ErrorCode::Internal);
}

TEST(RedisClientOnACluster, HearsEveryChannelAlsoAfterANodeWasRestarted) {
  TestRedisCluster cluster;
  const auto client = open(cluster.options());
  Ear ear;
  std::vector<std::string> channels;
  for (int i = 0; i < 8; ++i) channels.push_back("channel" + std::to_string(i));
  client->subscribe(channels, [&ear](std::string_view channel) { ear.hear(channel); });
  for (const std::string& channel : channels) {
    EXPECT_TRUE(hears_within(*client, ear, channel, 5'000ms)) << channel;
  }
  cluster.node(0).kill();
  cluster.node(0).start();
  ear.forget();
  for (const std::string& channel : channels) {
    EXPECT_TRUE(hears_within(*client, ear, channel, 20'000ms)) << channel;
  }
}

TEST(RedisClientOnACluster, ServesTheOtherNodesWhileOneIsDownAndItAfterwards) {
  TestRedisCluster cluster;
  const auto client = open(cluster.options());
  expect_echo(*client, "{k1}");
  cluster.node(2).kill();
  int served = 0;
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    const auto reply = ask(*client, {"GET", "{k" + std::to_string(i) + "}"}, 500ms);
    if (reply) {
      ++served;
    } else {
      EXPECT_EQ(reply.error().code, ErrorCode::Unavailable) << reply.error().detail;
      ++refused;
    }
  }
  EXPECT_GT(served, 0);
  EXPECT_GT(refused, 0);
  cluster.node(2).start();
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(answers_within(*client, 20'000ms, {"GET", "{k" + std::to_string(i) + "}"})) << i;
  }
}

}  // namespace
}  // namespace tidings
