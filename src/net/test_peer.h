#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace tidings {

// A peer of a server under test: a plain blocking socket that sends exactly the bytes it is told.
// A read that takes five seconds fails the test.
class TestPeer {
 public:
  explicit TestPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{5, 0};
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int result = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    EXPECT_EQ(result, 0) << "can't connect";
  }
  TestPeer(TestPeer&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)) {}
  ~TestPeer() { close(); }

  // False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // One answer, head and body; less if the server closes.
  std::string read_answer(bool without_body = false) {
    while (in_.find("\r\n\r\n") == std::string::npos) {
      if (!fill()) return std::exchange(in_, {});
    }
    const std::size_t head = in_.find("\r\n\r\n") + 4;
    const std::size_t length = in_.find("Content-Length: ");
    std::size_t body = 0;
    if (length < head && !without_body) {
      body = static_cast<std::size_t>(std::atoll(in_.c_str() + length + 16));
    }
    return read_bytes(head + body);
  }

  std::string read_bytes(std::size_t size) {
    while (in_.size() < size && fill()) {
    }
    const std::string bytes = in_.substr(0, size);
    in_.erase(0, bytes.size());
    return bytes;
  }

  // Everything until the server ends the connection.
  std::string read_to_end() {
    while (fill()) {
    }
    return std::exchange(in_, {});
  }

  void shutdown_send() { ::shutdown(socket_, SHUT_WR); }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  // Closes so that the server gets a reset.
  void abort() {
    const linger now{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  int socket() const { return socket_; }

 private:
  bool fill() {
    char buffer[4096];
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    EXPECT_FALSE(got < 0 && errno == EAGAIN) << "the server says nothing";
    if (got <= 0) return false;
    in_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  std::string in_;
};

}  // namespace tidings
