#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/run_loop.h"
#include "bridge/redis_client.h"

namespace tidings {

// A real redis-server of a test, on ports of 127.0.0.1 that were free; killed when it goes.
class TestRedisServer {
 public:
  explicit TestRedisServer(bool is_cluster = false) : is_cluster_(is_cluster) {
    const auto ports = free_ports();
    port_ = ports[0];
    bus_port_ = ports[1];
    directory_ = std::filesystem::temp_directory_path() /
                 ("tidings-redis-" + std::to_string(::getpid()) + "-" + std::to_string(port_));
    start();
  }
  ~TestRedisServer() {
    kill();
    std::error_code error;
    std::filesystem::remove_all(directory_, error);
  }
  TestRedisServer(const TestRedisServer&) = delete;
  TestRedisServer& operator=(const TestRedisServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  std::uint16_t bus_port() const { return bus_port_; }

  // Empty, as nothing is ever saved.
  void start() {
    std::filesystem::create_directories(directory_);
    std::vector<std::string> words{"redis-server",
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--dir",
                                   directory_.string(),
                                   "--save",
                                   "",
                                   "--logfile",
                                   (directory_ / "log").string()};
    if (is_cluster_) {
      words.insert(words.end(), {"--cluster-enabled", "yes", "--cluster-port",
                                 std::to_string(bus_port_), "--cluster-node-timeout", "2000"});
    }
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("cannot start a process");
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!listens()) {
      if (std::chrono::steady_clock::now() > until) {
        throw std::runtime_error("redis-server does not start; is it installed?");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  void pause() { ::kill(process_, SIGSTOP); }
  void resume() { ::kill(process_, SIGCONT); }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  static std::array<std::uint16_t, 2> free_ports() {
    std::array<int, 2> sockets{};
    std::array<std::uint16_t, 2> ports{};
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      sockets[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = loopback(0);
      socklen_t size = sizeof(address);
      if (::bind(sockets[i], reinterpret_cast<sockaddr*>(&address), size) != 0 ||
          ::getsockname(sockets[i], reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("no port is free");
      }
      ports[i] = ntohs(address.sin_port);
    }
    for (const int socket : sockets) ::close(socket);
    return ports;
  }
  bool listens() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port_);
    const bool connected =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(socket);
    return connected;
  }

  const bool is_cluster_;
  std::uint16_t port_ = 0;
  std::uint16_t bus_port_ = 0;
  std::filesystem::path directory_;
  pid_t process_ = -1;
};

// Three masters that share the slots.
class TestRedisCluster {
 public:
  TestRedisCluster() {
    constexpr std::array<int, 4> kFirstSlots{0, 5461, 10923, 16384};
    for (std::size_t i = 0; i < 3; ++i) {
      nodes_.push_back(std::make_unique<TestRedisServer>(true));
      tell(*nodes_[i], {"CLUSTER", "ADDSLOTSRANGE", std::to_string(kFirstSlots[i]),
                        std::to_string(kFirstSlots[i + 1] - 1)});
      tell(*nodes_[i], {"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[0]->port()),
                        std::to_string(nodes_[0]->bus_port())});
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (const auto& node : nodes_) {
      while (!knows_all(*node)) {
        if (std::chrono::steady_clock::now() > until) {
          throw std::runtime_error("the cluster of Redis does not form");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
  }

  TestRedisServer& node(std::size_t number) { return *nodes_[number]; }
  RedisOptions options() const {
    RedisOptions options;
    options.servers = {nodes_[0]->address(), nodes_[1]->address()};
    options.is_cluster = true;
    return options;
  }

 private:
  static std::vector<RedisReply> tell(TestRedisServer& node, std::vector<std::string> words) {
    RedisOptions options;
    options.servers = {node.address()};
    const auto client = *RedisClient::open(options);
    auto replies = block_on(client->run({RedisCommand{std::move(words)}}, milliseconds(5'000)));
    if (!replies) throw std::runtime_error(replies.error().detail);
    return std::move(*replies);
  }
  static bool knows_all(TestRedisServer& node) {
    const std::string info = tell(node, {"CLUSTER", "INFO"}).front().text;
    return info.contains("cluster_state:ok") && info.contains("cluster_size:3");
  }

  std::vector<std::unique_ptr<TestRedisServer>> nodes_;
};

}  // namespace tidings
