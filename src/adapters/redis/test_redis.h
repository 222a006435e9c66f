#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "adapters/redis/redis_link.h"
#include "adapters/redis/test_redis_server.h"
#include "base/run_loop.h"
#include "bridge/redis_client.h"

// A Redis for tests: one server, or a cluster of three masters.
namespace tidings {

enum class RedisKind : std::uint8_t { Plain, Cluster };

class TestRedis {
 public:
  explicit TestRedis(RedisKind kind) : kind_(kind), directory_(make_directory()) {
    if (kind == RedisKind::Plain) {
      nodes_.push_back(std::make_unique<RedisProcess>(directory_ / "0", time_.file()));
      return;
    }
    for (int node = 0; node < 3; ++node) {
      const std::vector<std::string> settings{"--cluster-enabled", "yes", "--cluster-port",
                                              std::to_string(RedisProcess::free_port()),
                                              // Time leaps here, and no node may seem lost for it.
                                              "--cluster-node-timeout", "86400000"};
      nodes_.push_back(std::make_unique<RedisProcess>(directory_ / std::to_string(node),
                                                      time_.file(), settings));
      bus_ports_.push_back(settings[3]);
    }
    form_cluster();
  }
  ~TestRedis() {
    nodes_.clear();
    std::error_code error;
    std::filesystem::remove_all(directory_, error);
  }
  TestRedis(const TestRedis&) = delete;
  TestRedis& operator=(const TestRedis&) = delete;

  // One of each kind for the whole program: a cluster takes seconds to form. Empty when it is given
  // out.
  static TestRedis& shared(RedisKind kind) {
    static TestRedis plain(RedisKind::Plain);
    if (kind == RedisKind::Plain) {
      plain.flush();
      return plain;
    }
    static TestRedis cluster(RedisKind::Cluster);
    cluster.flush();
    return cluster;
  }

  TestTime& time() { return time_; }
  RedisProcess& node(std::size_t index = 0) { return *nodes_[index]; }

  RedisOptions options() const {
    RedisOptions options;
    for (const auto& node : nodes_) options.servers.push_back(node->address());
    options.is_cluster = kind_ == RedisKind::Cluster;
    return options;
  }
  // A client that has reached its servers.
  std::unique_ptr<RedisClient> open() const {
    auto client = RedisClient::open(options());
    ensure(client.has_value(), "an address of ours can be read");
    for (int tries = 0; tries < 100; ++tries) {
      if (block_on((*client)->run_on_each_master({"PING"}, seconds(1)))) break;
      std::this_thread::sleep_for(milliseconds(50));
    }
    return std::move(*client);
  }

  // What redis-cli says to this command on every node, one after the other.
  std::string cli(const std::string& command) const {
    std::string all;
    for (const auto& node : nodes_) all += node->cli(command);
    return all;
  }
  void flush() const { cli("flushall"); }
  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    std::istringstream lines(cli("--scan"));
    for (std::string line; std::getline(lines, line);) keys.push_back(line);
    std::ranges::sort(keys);
    return keys;
  }

 private:
  static std::filesystem::path make_directory() {
    static std::atomic<int> made{0};
    auto path = std::filesystem::temp_directory_path() /
                ("tidings-redis-" + std::to_string(::getpid()) + "-" + std::to_string(made++));
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path;
  }

  void form_cluster() {
    node(0).cli("cluster addslotsrange 0 5460");
    node(1).cli("cluster addslotsrange 5461 10922");
    node(2).cli("cluster addslotsrange 10923 16383");
    for (std::size_t other = 1; other < nodes_.size(); ++other) {
      node(0).cli("cluster meet 127.0.0.1 " + std::to_string(node(other).port()) + " " +
                  bus_ports_[other]);
    }
    for (int tries = 0; tries < 600; ++tries) {
      if (is_formed()) return;
      // A node waits for seconds before it trusts its cluster: of its own time.
      time_.advance(seconds(1));
      std::this_thread::sleep_for(milliseconds(50));
    }
    ensure(false, "a cluster forms within 30 s");
  }
  bool is_formed() const {
    return std::ranges::all_of(nodes_, [](const auto& node) {
      const std::string info = node->cli("cluster info");
      return info.find("cluster_state:ok") != std::string::npos &&
             info.find("cluster_slots_assigned:16384") != std::string::npos &&
             info.find("cluster_known_nodes:3") != std::string::npos;
    });
  }

  RedisKind kind_;
  std::filesystem::path directory_;
  TestTime time_{directory_ / "time"};
  std::vector<std::unique_ptr<RedisProcess>> nodes_;
  std::vector<std::string> bus_ports_;
};

// What the contracts ask for: no deadline, so that a slow machine proves nothing wrong.
inline constexpr RedisDeadlines kPatient{.send = seconds(10), .other = seconds(10)};

// A Redis of that kind, a client of its own and its link.
struct LinkedRedis {
  explicit LinkedRedis(RedisKind kind) : LinkedRedis(TestRedis::shared(kind)) {}
  explicit LinkedRedis(TestRedis& server, RedisDeadlines deadlines = kPatient)
      : redis(server), link(*client, server.time().clock(), deadlines) {}

  TestRedis& redis;
  std::unique_ptr<RedisClient> client = redis.open();
  RedisLink link;
};

}  // namespace tidings
