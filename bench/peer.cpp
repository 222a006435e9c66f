#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tidings::bench {
namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(2);
}

// The number after "Content-Length: " in a header block, 0 when there is none.
std::size_t content_length(std::string_view head) {
  // A balancer writes the names of headers in its own way.
  constexpr std::string_view kName = "\r\ncontent-length: ";
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  const auto name = std::ranges::search(head, kName, {}, lower);
  std::size_t value = 0;
  std::from_chars(name.end(), head.end(), value);
  return value;
}

}  // namespace

std::int64_t now_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

std::string http_request(std::string_view method, std::string_view path, std::string_view token,
                         std::string_view body) {
  std::string out;
  out.reserve(200 + token.size() + body.size());
  out.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  if (!token.empty()) out.append("Authorization: Bearer ").append(token).append("\r\n");
  if (!body.empty()) {
    out.append("Content-Type: application/json\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n");
  }
  return out.append("\r\n").append(body);
}

void Peer::connect() {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd_ < 0) die("socket");
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = this;
  wants_write_ = true;
  if (epoll_ctl(poller_.epoll_, EPOLL_CTL_ADD, fd_, &event) != 0) die("epoll_ctl");
}

void Peer::disconnect() {
  if (fd_ < 0) return;
  close(fd_);
  fd_ = -1;
  is_socket_ = false;
  out_.clear();
  in_.clear();
}

void Peer::broke() {
  disconnect();
  if (auto on_answer = std::exchange(on_answer_, nullptr)) on_answer(Answer{});
}

void Peer::request(std::string bytes, OnAnswer on_answer) {
  on_answer_ = std::move(on_answer);
  out_ += bytes;
  if (fd_ < 0) {
    connect();
  } else {
    write_some();
  }
}

void Peer::upgrade(const std::string& path, const std::string& token, OnFrame on_frame) {
  on_frame_ = std::move(on_frame);
  request("GET " + path +
              " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Protocol: tidings.v1\r\nAuthorization: Bearer " +
              token + "\r\n\r\n",
          [this](const Answer& answer) { is_socket_ = answer.status == 101; });
}

// A client masks what it sends; a mask of zero is as good as any for a load generator.
void Peer::send_text(std::string_view text) {
  if (fd_ < 0) return;
  out_ += '\x81';
  if (text.size() < 126) {
    out_ += static_cast<char>(0x80 | text.size());
  } else {
    out_ += static_cast<char>(0x80 | 126);
    out_ += static_cast<char>(text.size() >> 8);
    out_ += static_cast<char>(text.size());
  }
  out_.append(4, '\0').append(text);
  write_some();
}

void Peer::write_some() {
  while (!out_.empty()) {
    const auto written = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (written < 0) {
      if (errno != EAGAIN && errno != ENOTCONN) return broke();
      break;
    }
    out_.erase(0, static_cast<std::size_t>(written));
  }
  if (wants_write_ == !out_.empty()) return;
  wants_write_ = !out_.empty();
  epoll_event event{};
  event.events = EPOLLIN | (wants_write_ ? EPOLLOUT : 0U);
  event.data.ptr = this;
  epoll_ctl(poller_.epoll_, EPOLL_CTL_MOD, fd_, &event);
}

// False when the other side has gone.
bool Peer::read_some() {
  static std::array<char, 256 * 1024> buffer;
  while (true) {
    const auto got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      in_.append(buffer.data(), static_cast<std::size_t>(got));
      if (static_cast<std::size_t>(got) < buffer.size()) return true;
    } else {
      return got < 0 && errno == EAGAIN;
    }
  }
}

void Peer::on_ready(std::uint32_t events) {
  if (events & EPOLLOUT) write_some();
  if (fd_ >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
    const bool is_there = read_some();
    if (!is_socket_) take_answers();
    if (is_socket_) take_frames();
    if (!is_there && fd_ >= 0) broke();
  }
}

void Peer::take_answers() {
  const auto end = in_.find("\r\n\r\n");
  if (end == std::string::npos || !on_answer_) return;
  const std::string_view head(in_.data(), end);
  const std::size_t length = content_length(head);
  if (in_.size() < end + 4 + length) return;
  Answer answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  const std::string whole = std::exchange(in_, in_.substr(end + 4 + length));
  answer.body = std::string_view(whole).substr(end + 4, length);
  const auto on_answer = std::exchange(on_answer_, nullptr);
  on_answer(answer);
}

void Peer::take_frames() {
  while (in_.size() >= 2) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(in_[i]); };
    std::size_t length = byte(1) & 0x7F;
    std::size_t head = 2;
    if (length == 126) {
      if (in_.size() < 4) return;
      length = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
      head = 4;
    } else if (length == 127) {
      return broke();  // nothing that large is ever sent to us
    }
    if (in_.size() < head + length) return;
    const int opcode = byte(0) & 0x0F;
    const std::string payload = in_.substr(head, length);
    in_.erase(0, head + length);
    if (opcode == 1) {
      on_frame_(payload);
    } else if (opcode == 9) {
      out_ += '\x8A';
      out_ += static_cast<char>(0x80 | payload.size());
      out_.append(4, '\0').append(payload);
      write_some();
    } else if (opcode == 8) {
      return broke();
    }
    if (fd_ < 0) return;
  }
}

Poller::Poller() : epoll_(epoll_create1(0)) {}
Poller::~Poller() { close(epoll_); }

void Poller::run_once(std::int64_t wait_us) {
  std::array<epoll_event, 512> events;
  timespec wait{wait_us / 1'000'000, wait_us % 1'000'000 * 1'000};
  const int ready =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
  for (int i = 0; i < ready; ++i) {
    static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr)
        ->on_ready(events[static_cast<std::size_t>(i)].events);
  }
}

}  // namespace tidings::bench
