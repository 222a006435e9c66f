#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/web_socket.h"

namespace tidings {

class AsioLoop;

// The client's side of a WebSocket. It pings as a server does, so a dead server is noticed.
//
// Used on one loop. `shut` is awaited before it is destroyed.
class WebSocketClient {
 public:
  struct Config {
    std::string host;
    std::uint16_t port = 80;
    bool tls = false;
    std::string ca_path;  // PEM, instead of the system's authorities
    std::string target = "/";
    std::string protocol;
    std::vector<std::pair<std::string, std::string>> headers;
    std::size_t message_bytes_max = 1024 * 1024;
  };

  // Errors: Unavailable      no connection, no answer by `deadline`, or a status of 5xx
  //         Unauthenticated  the server answered 401
  //         Forbidden        the server answered anything else; the detail names the status
  static Task<Result<std::unique_ptr<WebSocketClient>>> connect(AsioLoop& loop, Config config,
                                                                Instant deadline);
  ~WebSocketClient();

  WebSocket& socket();

  // Closes (1000) if nobody has, waits a few seconds for the server's part of it and frees the loop
  // of the connection. No read is pending: `socket().close()` ends one.
  Task<void> shut();

 private:
  struct Impl;
  explicit WebSocketClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
