#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "base/manual_clock.h"

// Real Redis servers of a test's own, in a time that stands still until it is moved.
namespace tidings {

// Time for the servers and for those who call them. The servers have a library preloaded that reads
// the wall clock from a file (still_time); that of their callers is a ManualClock. Both stand still
// between two calls of these functions, so that no assertion depends on how fast the machine is.
class TestTime {
 public:
  explicit TestTime(std::filesystem::path file) : file_(std::move(file)) { write(); }

  const Clock& clock() const { return clock_; }
  const std::filesystem::path& file() const { return file_; }

  // The servers first: who asks them again must find them there.
  void advance(milliseconds by) {
    server_us_ += std::chrono::microseconds(by).count();
    write();
    clock_.advance(by);
  }

  // Moves wall clocks alone, as NTP does, or a fail-over to a server whose clock is another.
  void step(milliseconds by) {
    server_us_ += std::chrono::microseconds(by).count();
    write();
    clock_.step(by);
  }

 private:
  void write() const {
    const int file = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ensure(::pwrite(file, &server_us_, sizeof(server_us_), 0) == sizeof(server_us_), "pwrite");
    ::close(file);
  }

  std::filesystem::path file_;
  std::int64_t server_us_ = 1'795'000'000'000'000;
  ManualClock clock_;
};

// One redis-server on a free port of 127.0.0.1, without persistence. It ends with the test program,
// however that ends.
class RedisProcess {
 public:
  RedisProcess(std::filesystem::path directory, std::filesystem::path time_file,
               std::vector<std::string> settings = {})
      : directory_(std::move(directory)),
        time_file_(std::move(time_file)),
        settings_(std::move(settings)),
        port_(free_port()) {
    std::filesystem::create_directories(directory_);
    start();
  }
  ~RedisProcess() { kill(); }
  RedisProcess(const RedisProcess&) = delete;
  RedisProcess& operator=(const RedisProcess&) = delete;

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // As after a power cut: whatever it held is gone when it starts again.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void start() {
    const std::vector<std::string> words = command_line();
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::vector<std::string> settings = environment();
    std::vector<char*> environment;
    for (const std::string& word : settings) environment.push_back(const_cast<char*>(word.c_str()));
    environment.push_back(nullptr);
    pid_ = ::fork();
    ensure(pid_ >= 0, "fork");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execve(kServer, arguments.data(), environment.data());
      ::_exit(127);
    }
    wait_until_it_answers();
  }
  void pause() const { ::kill(pid_, SIGSTOP); }
  void resume() const { ::kill(pid_, SIGCONT); }

  // What redis-cli prints for this command.
  std::string cli(const std::string& command) const {
    const std::string line =
        "redis-cli -h 127.0.0.1 -p " + std::to_string(port_) + " " + command + " 2>&1";
    FILE* const pipe = ::popen(line.c_str(), "r");
    ensure(pipe != nullptr, "popen");
    std::string output;
    std::array<char, 4'096> part{};
    while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) {
      output.append(part.data(), size);
    }
    ::pclose(pipe);
    return output;
  }

  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ensure(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "bind");
    socklen_t size = sizeof(address);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
  }

 private:
  static constexpr const char* kServer = "/usr/bin/redis-server";

  std::vector<std::string> command_line() const {
    std::vector<std::string> words{kServer,
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--dir",
                                   directory_.string(),
                                   "--logfile",
                                   "redis.log",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--jemalloc-bg-thread",
                                   "no"};
    words.insert(words.end(), settings_.begin(), settings_.end());
    return words;
  }
  std::vector<std::string> environment() const {
    return {"PATH=/usr/bin:/bin", "LD_PRELOAD=" TIDINGS_STILL_TIME,
            "STILL_TIME_FILE=" + time_file_.string()};
  }

  void wait_until_it_answers() const {
    for (int tries = 0; tries < 1'000; ++tries) {
      if (cli("ping").starts_with("PONG")) return;
      std::this_thread::sleep_for(milliseconds(10));
    }
    ensure(false, "redis-server starts within 10 s");
  }

  std::filesystem::path directory_;
  std::filesystem::path time_file_;
  std::vector<std::string> settings_;
  int port_;
  pid_t pid_ = 0;
};

}  // namespace tidings
