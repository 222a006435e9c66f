#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::bench {

// Microseconds of the monotonic clock.
std::int64_t now_us();

struct Answer {
  int status = 0;         // 0: the connection broke
  std::string_view body;  // valid inside the callback only
};

// One connection of the load generator: HTTP with one request under way at a time, or a WebSocket
// after `upgrade`. It connects when it is first used and again after it broke.
class Peer {
 public:
  using OnAnswer = std::function<void(const Answer&)>;
  using OnFrame = std::function<void(std::string_view text)>;

  Peer(class Poller& poller, int port) : poller_(poller), port_(port) {}
  ~Peer() { disconnect(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool busy() const { return static_cast<bool>(on_answer_); }

  // Sends a whole request; `on_answer` is called once.
  void request(std::string bytes, OnAnswer on_answer);

  // Opens `path` as a WebSocket with this bearer token. Pings and closes are handled; texts go to
  // `on_frame`.
  void upgrade(const std::string& path, const std::string& token, OnFrame on_frame);
  void send_text(std::string_view text);
  bool is_open() const { return fd_ >= 0; }

  // Goes away without a word, as a phone in a tunnel does.
  void disconnect();

 private:
  friend class Poller;
  void connect();
  void on_ready(std::uint32_t events);
  bool read_some();
  void write_some();
  void take_answers();
  void take_frames();
  void broke();

  Poller& poller_;
  int port_;
  int fd_ = -1;
  bool is_socket_ = false;
  bool wants_write_ = false;
  std::string out_;
  std::string in_;
  OnAnswer on_answer_;
  OnFrame on_frame_;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Handles what is ready, waiting at most `wait_us` for something.
  void run_once(std::int64_t wait_us);

 private:
  friend class Peer;
  int epoll_ = -1;
};

std::string http_request(std::string_view method, std::string_view path, std::string_view token,
                         std::string_view body = {});

}  // namespace tidings::bench
