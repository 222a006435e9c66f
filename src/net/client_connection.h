#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/asio_loop.h"
#include "net/socket.h"

namespace tidings {

// The bytes of one connection to a server, each step with its deadline. For this room's .cpp files.
class ClientConnection {
 public:
  // Connects, and shakes hands if there is `tls`, which outlives the connection.
  //
  // Errors: Unavailable  the detail says what failed. Looking up a name may outlast the deadline.
  static Task<Result<std::unique_ptr<ClientConnection>>> open(AsioLoop& loop, std::string host,
                                                              std::uint16_t port,
                                                              const TlsContext* tls,
                                                              Instant deadline);

  ClientConnection(AsioLoop& loop, Socket socket) : loop_(loop), socket_(std::move(socket)) {}

  // True when the kernel has taken it all.
  Task<bool> send(std::string bytes, Instant deadline);

  // Appends what comes next to `received`. False at the end of the stream or of the time.
  Task<bool> receive(std::string& received, Instant deadline);

  Socket& socket() { return socket_; }

 private:
  Task<bool> shake_hands(Instant deadline);
  Task<bool> wait(IoStep::Next next, Instant deadline);

  AsioLoop& loop_;
  Socket socket_;
};

}  // namespace tidings
