#include "net/web_socket_connection.h"

#include <chrono>

#include "base/bytes.h"
#include "base/random.h"

namespace tidings {
namespace {

enum CloseCode : std::uint16_t {
  kNormal = 1000,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kNoStatus = 1005,
  kNotUtf8 = 1007,
  kTooBig = 1009,
};

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kCloseReasonBytesMax = 123;

Instant steady_now() { return std::chrono::steady_clock::now(); }

MaskKey random_mask() {
  MaskKey key;
  const std::string bytes = random_bytes(key.size());
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace

WebSocketConnection::WebSocketConnection(AsioLoop& loop, Socket& socket, const HttpLimits& limits,
                                         Side side, std::string received)
    : loop_(loop),
      socket_(socket),
      limits_(limits),
      in_(std::move(received)),
      next_ping_at_(steady_now() + limits.ping_every),
      side_(side) {}

// Reading

Task<std::optional<std::string>> WebSocketConnection::read() {
  while (!ended_) {
    std::optional<std::string> message = next_message();
    if (message) co_return message;
    if (ended_) break;
    if (socket_.before_read() != IoStep::Next::GoOn) {
      auto waiting = socket_.wait(socket_.before_read());
      co_await waiting;
      if (ended_) break;
    }
    fill();
  }
  co_return std::nullopt;
}

// Adds what has come to `in_`. Its buffer is the stack's, so that waiting costs none.
void WebSocketConnection::fill() {
  char buffer[kReadBytes];
  const IoStep step = socket_.read(buffer, sizeof buffer);
  if (step.next == IoStep::Next::Gone) {
    cut();
    return;
  }
  in_.append(buffer, step.bytes);
}

// The next message of what was received; nothing when it is not whole.
std::optional<std::string> WebSocketConnection::next_message() {
  std::optional<std::string> message;
  while (!ended_ && !message) {
    const FrameScan scan = scan_frame(in_);
    if (scan.found == FrameScan::Found::Malformed) {
      fail(kProtocolError, "malformed frame");
      break;
    }
    if (scan.found == FrameScan::Found::Incomplete) break;
    const FrameHeader& header = scan.header;
    if (header.mask.has_value() != (side_ == Side::Server)) {
      fail(kProtocolError, "a client masks its frames, a server does not");
      break;
    }
    if (!header.is_control() &&
        header.payload_bytes > limits_.message_bytes_max - message_.size()) {
      fail(kTooBig, "message too big");
      break;
    }
    if (in_.size() - header.header_bytes < header.payload_bytes) break;
    message = take_frame(header);
  }
  if (in_.empty()) in_ = std::string();
  return message;
}

// Takes one whole frame off `in_`; returns the message that it ends.
std::optional<std::string> WebSocketConnection::take_frame(const FrameHeader& header) {
  std::string payload =
      in_.substr(header.header_bytes, static_cast<std::size_t>(header.payload_bytes));
  in_.erase(0, header.header_bytes + payload.size());
  if (header.mask) apply_mask(payload.data(), payload.size(), *header.mask);

  switch (header.opcode) {
    case Opcode::Close:
      take_close(payload);
      return std::nullopt;
    case Opcode::Ping:
      enqueue(Opcode::Pong, payload);
      return std::nullopt;
    case Opcode::Pong:
      pong_due_at_ = Instant::max();
      return std::nullopt;
    case Opcode::Binary:
      fail(kUnsupportedData, "text only");
      return std::nullopt;
    case Opcode::Text:
    case Opcode::Continuation:
      break;
  }
  if (in_message_ != (header.opcode == Opcode::Continuation)) {
    fail(kProtocolError, "fragments out of order");
    return std::nullopt;
  }
  in_message_ = !header.is_final;
  message_.append(payload);
  if (in_message_) return std::nullopt;
  if (!utf8_length(message_)) {
    fail(kNotUtf8, "text is UTF-8");
    return std::nullopt;
  }
  std::string message = std::exchange(message_, {});
  if (close_sent_) return std::nullopt;  // nobody wants it any more
  return message;
}

// The peer closes, or answers our close. Either way nothing follows.
void WebSocketConnection::take_close(std::string_view payload) {
  std::uint16_t code = kNoStatus;
  if (!payload.empty()) {
    ByteReader reader(payload);
    code = reader.u16();
    if (!reader.ok() || !is_close_code(code) || !utf8_length(payload.substr(2))) {
      code = kProtocolError;
    }
  }
  send_close(code, {});
  ended_ = true;
}

// The peer broke the rules: it is told why, and not heard further.
void WebSocketConnection::fail(std::uint16_t code, std::string_view reason) {
  send_close(code, reason);
  ended_ = true;
}

// Writing

Task<bool> WebSocketConnection::write(std::string text) {
  if (is_closing() || !enqueue(Opcode::Text, text)) co_return false;
  if (!out_.empty() && !flushing_) {
    text = std::string();
    co_await flush();
  }
  co_return !gone_;
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
  send_close(code, reason);
}

void WebSocketConnection::send_close(std::uint16_t code, std::string_view reason) {
  if (is_closing()) return;
  std::string payload;
  if (code != kNoStatus) {
    ByteWriter writer(payload);
    writer.u16(code);
    writer.raw(reason.substr(0, kCloseReasonBytesMax));
  }
  close_due_at_ = steady_now() + limits_.close_time;
  close_sent_ = enqueue(Opcode::Close, payload);
}

// Puts a frame behind those that wait, and hands over what the kernel takes at once.
bool WebSocketConnection::enqueue(Opcode opcode, std::string_view payload) {
  if (ended_ || close_sent_) return false;
  if (out_.size() + payload.size() > limits_.queued_bytes_max) {
    cut();
    return false;
  }
  const auto mask = side_ == Side::Client ? std::optional<MaskKey>(random_mask()) : std::nullopt;
  append_frame(out_, opcode, payload, mask);
  if (!flushing_ && !flush_now()) return false;
  if (opcode != Opcode::Text) flush_beside();
  return true;
}

// One attempt. False when the socket is gone.
bool WebSocketConnection::flush_now() {
  while (!out_.empty()) {
    const IoStep step = socket_.write(out_, {});
    if (step.next == IoStep::Next::Gone) {
      cut();
      return false;
    }
    if (step.next != IoStep::Next::GoOn) return true;
    out_.erase(0, step.bytes);
  }
  out_ = std::string();
  return true;
}

Task<void> WebSocketConnection::flush() {
  flushing_ = true;
  while (!gone_ && flush_now() && !out_.empty()) {
    auto waiting = socket_.wait(IoStep::Next::WaitToWrite);
    co_await waiting;
  }
  flushing_ = false;
}

void WebSocketConnection::flush_beside() {
  if (!out_.empty() && !flushing_ && !finishing_) beside_.spawn(flush());
}

// Living and ending

void WebSocketConnection::tick(Instant now) {
  if (gone_) return;
  if (now >= close_due_at_ || now >= pong_due_at_) {
    cut();
    return;
  }
  if (is_closing() || now < next_ping_at_) return;
  next_ping_at_ = now + limits_.ping_every;
  if (pong_due_at_ == Instant::max()) pong_due_at_ = now + limits_.pong_time;
  enqueue(Opcode::Ping, {});
}

void WebSocketConnection::cut() {
  ended_ = gone_ = true;
  socket_.cancel();
}

void WebSocketConnection::spawn(Task<void> task) {
  if (!finishing_) beside_.spawn(std::move(task));
}

Task<void> WebSocketConnection::finish() {
  send_close(kNormal, {});
  while (!ended_) {
    const std::optional<std::string> unwanted = co_await read();
  }
  finishing_ = true;
  co_await beside_.join();
  if (!gone_) co_await discard_until_end();
}

// To close a socket with unread bytes would reset the connection, and the peer might never see the
// close frame.
Task<void> WebSocketConnection::discard_until_end() {
  socket_.shutdown_send();
  while (!gone_) {
    if (socket_.before_read() != IoStep::Next::GoOn) {
      auto waiting = socket_.wait(socket_.before_read());
      co_await waiting;
      if (gone_) break;
    }
    in_.clear();
    fill();
  }
}

}  // namespace tidings
