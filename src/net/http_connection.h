#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/task.h"
#include "net/http_message.h"
#include "net/request_parser.h"
#include "net/socket.h"

namespace tidings {

class ServerLoop;
class WebSocketConnection;

// One connection of a server, from accept to close: requests are answered one after the other, in
// order, until it becomes a WebSocket or ends. For this room's .cpp files.
class HttpConnection {
 public:
  // `server` counts and sweeps this connection as long as it lives.
  HttpConnection(ServerLoop& server, Socket socket, std::string remote_ip);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  Task<void> run();
  Task<void> run_over_limit();  // answers 503

  void sweep(Instant now);
  void drain();  // ends it as soon as nothing is under way
  void cut();    // ends it
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class Phase : std::uint8_t {
    Idle,  // nothing of the next request has come
    Head,
    Body,
    Busy,  // with anything but reading a request
  };
  enum class Read : std::uint8_t { Request, Refused, Closed };

  Task<bool> shake_hands();
  Task<Read> read_request();
  void follow(RequestParser::Progress progress);
  bool receive(RequestParser::Progress& progress);
  RequestParser::Progress parse(std::string_view received);

  Task<void> answer(HttpRequest request);
  Task<HttpResponse> ask_handler(HttpRequest request);
  Task<void> refuse(Error error);
  HttpResponse problem(const Error& error, std::string_view request_id);
  void start_sending(const HttpResponse& response, std::string_view request_id, bool without_body);
  Task<void> send_rest();
  Task<void> linger();

  bool is_for_web_socket(const HttpRequest& request) const;
  Task<void> upgrade(HttpRequest request);
  Task<HttpResponse> answer_upgrade(const HttpRequest& request);
  Task<void> hold_web_socket(HttpRequest request);
  Task<void> say_goodbye(WebSocketConnection& socket);

  void set_deadline(Instant deadline);
  Instant transfer_deadline(Instant begun, std::size_t bytes) const;

  ServerLoop& server_;
  Socket socket_;
  const std::string remote_ip_;
  std::size_t place_;
  RequestParser parser_;
  std::string kept_;    // received, and for the parser to see again
  std::string unsent_;  // of an answer
  WebSocketConnection* web_socket_ = nullptr;
  Instant phase_begun_;
  Instant deadline_ = Instant::max();
  Phase phase_ = Phase::Busy;
  bool expired_ = false;  // the deadline has passed
  bool keeps_alive_ = true;
  bool gone_ = false;  // the peer is gone, or was cut
};

}  // namespace tidings
