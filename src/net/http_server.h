#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "net/http_limits.h"
#include "net/http_message.h"
#include "net/web_socket.h"

namespace tidings {

class AsioLoop;

// Answers requests. Called on any of the server's loops, for many connections at a time; each
// connection has one request in hand.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // The answer to a HEAD request may have a body: its length is sent, not itself. What is thrown is
  // logged and answered as Internal.
  virtual Task<HttpResponse> handle(HttpRequest request) = 0;

  // How a refusal of the server itself looks. Does not throw. The codes are
  //   InvalidRequest 400, TooSlow 408, TooLarge 413, UpgradeRequired 426, HeadersTooLarge 431,
  //   Internal 500, Unavailable 503.
  // The server adds the headers that the protocol wants.
  virtual HttpResponse problem(const Error& error, std::string_view request_id) = 0;
};

// Holds the WebSockets of one path. Called on any of the server's loops.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;

  // Judges a well-formed handshake (origin, authorization): an answer refuses, nothing goes on.
  virtual Task<std::optional<HttpResponse>> accept(const HttpRequest& request) = 0;

  // Lives as long as the socket is of use: the server closes it (1000) when this returns, and the
  // reference ends with it. Keeps a read pending throughout. `request` is memory that an idle
  // socket need not hold: move out what is needed and let the rest go.
  virtual Task<void> run(WebSocket& socket, HttpRequest request) = 0;

  // The server drains: called once for each open socket, on its loop, beside `run`. A last frame
  // may be written; the server then closes the socket with 1001.
  virtual Task<void> say_goodbye(WebSocket& socket);
};

// One address that serves HTTP/1.0 and 1.1, and WebSockets on one path.
//
// Each loop accepts for itself (SO_REUSEPORT), and a connection stays on the loop that accepted it.
// Hostile or broken peers are bounded by `HttpLimits` and get an answer where one is possible.
class HttpServer {
 public:
  struct Tls {
    std::string certificate_path;  // PEM, the chain
    std::string key_path;          // PEM
  };
  struct WebSocketRoute {
    std::string path;
    std::string protocol;  // the one sub-protocol; a client that offers others only gets a 400
    WebSocketHandler* handler;
  };
  struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: a free one
    HttpLimits limits;
    std::optional<Tls> tls;
    std::optional<WebSocketRoute> web_socket;
  };

  // The loops and the handlers outlive the server, and the loops run until it has drained.
  HttpServer(std::vector<AsioLoop*> loops, HttpHandler& handler, Config config);
  ~HttpServer();  // drains, with no time
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // From here on connections are accepted.
  //
  // Errors: InvalidRequest  the address, the certificate or its key can't be used
  //         Unavailable     the port can't be had
  Result<void> start();
  std::uint16_t port() const;  // after start()

  // Reads the certificate and its key again. Who connects from now on is shown the new one, and
  // open connections go on as they are. A server without TLS does nothing. Any thread, after
  // start().
  //
  // Errors: InvalidRequest  they can't be used: the ones of before stay
  Result<void> renew_certificate();

  // Stops accepting, ends idle connections, closes WebSockets and waits until every request is
  // answered; what is still open after `time` is cut. Afterwards nothing of the server is left on
  // the loops. Blocks: called from a thread that runs none of them. Later calls do nothing.
  void drain(std::chrono::milliseconds time);

  // Counts, safe from any thread.
  std::uint64_t open_connections() const;  // WebSockets included
  std::uint64_t open_web_sockets() const;
  std::uint64_t accepted_connections() const;
  std::uint64_t requests() const;  // read whole; handshakes included
  std::uint64_t refusals() const;  // answered by `problem`

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
