#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "base/task.h"

namespace tidings {

// One open WebSocket (RFC 6455) that carries text, the server's side or the client's. Pings,
// pongs, fragments and the closing handshake are done inside.
//
// Used on its own loop only: another thread posts to `loop()` first.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The next whole text message; nothing when the socket is closed, whoever closed it. Keep one
  // read pending, and only one: pongs and the peer's close are seen by it alone.
  //
  // A message that is too big closes with 1009, binary data with 1003, text that is not UTF-8 with
  // 1007, and frames that break the protocol with 1002.
  virtual Task<std::optional<std::string>> read() = 0;

  // True when the frame was handed to the kernel, or queued behind another write that waits for the
  // peer: frames leave in the order of the calls. False when the socket is closed or closing, or
  // when the queue is full, which also ends the socket: a peer this slow is gone.
  virtual Task<bool> write(std::string text) = 0;

  // Sends a close frame, after what is queued; `read` returns nothing when the peer has answered or
  // a few seconds have passed. `reason` is at most 123 bytes. A second call does nothing.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  virtual Loop& loop() = 0;
};

}  // namespace tidings
