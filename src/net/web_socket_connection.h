#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/task_group.h"
#include "net/asio_loop.h"
#include "net/http_limits.h"
#include "net/socket.h"
#include "net/web_socket.h"
#include "net/web_socket_frame.h"

namespace tidings {

// A WebSocket after its handshake, either side of it. For this room's .cpp files.
//
// It keeps no timer: its owner calls `tick` about once a second, and awaits `finish` before it
// destroys the connection. An idle one holds no buffer.
class WebSocketConnection final : public WebSocket {
 public:
  enum class Side : std::uint8_t { Server, Client };  // a client masks what it sends

  // `received` is what came behind the handshake. `loop`, `socket` and `limits` outlive this.
  WebSocketConnection(AsioLoop& loop, Socket& socket, const HttpLimits& limits, Side side,
                      std::string received);

  Task<std::optional<std::string>> read() override;
  Task<bool> write(std::string text) override;
  void close(std::uint16_t code, std::string_view reason) override;
  Loop& loop() override { return loop_; }

  // Pings, and cuts a peer that does not answer.
  void tick(Instant now);
  // Ends the connection without a word.
  void cut();

  // Runs beside the owner; `finish` waits for it.
  void spawn(Task<void> task);

  // Closes (1000) if nobody has, waits for the peer's part of it and for what was spawned. Nothing
  // of this is on the loop afterwards, and the socket is done with.
  Task<void> finish();

 private:
  bool is_closing() const { return close_sent_ || ended_; }
  void fill();
  std::optional<std::string> next_message();
  std::optional<std::string> take_frame(const FrameHeader& header);
  void take_close(std::string_view payload);
  void fail(std::uint16_t code, std::string_view reason);
  void send_close(std::uint16_t code, std::string_view reason);
  bool enqueue(Opcode opcode, std::string_view payload);
  bool flush_now();
  Task<void> flush();
  void flush_beside();
  Task<void> discard_until_end();

  AsioLoop& loop_;
  Socket& socket_;
  const HttpLimits& limits_;
  TaskGroup beside_{"web_socket"};
  std::string in_;       // received, not yet a whole frame
  std::string message_;  // of fragments, so far
  std::string out_;      // written, not yet taken by the kernel
  Instant next_ping_at_;
  Instant pong_due_at_ = Instant::max();
  Instant close_due_at_ = Instant::max();
  const Side side_;
  bool in_message_ = false;  // a fragment came and its last has not
  bool flushing_ = false;    // one coroutine waits to write `out_`
  bool close_sent_ = false;
  bool finishing_ = false;
  bool ended_ = false;  // nothing more is read or written
  bool gone_ = false;   // the socket is of no use
};

}  // namespace tidings
