#include "net/http_connection.h"

#include <chrono>
#include <exception>

#include "base/log.h"
#include "net/http_answer.h"
#include "net/server_loop.h"
#include "net/web_socket_connection.h"
#include "net/web_socket_handshake.h"

namespace tidings {
namespace {

constexpr std::uint16_t kGoingAway = 1001;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void log_failure(std::string_view request_id, const char* what) {
  log_error("http.handler_failed", {{"request", request_id}, {"error", what}});
}

}  // namespace

HttpConnection::HttpConnection(ServerLoop& server, Socket socket, std::string remote_ip)
    : server_(server),
      socket_(std::move(socket)),
      remote_ip_(std::move(remote_ip)),
      place_(server.add(*this)),
      parser_(server.limits()) {}

HttpConnection::~HttpConnection() { server_.remove(place_); }

Task<void> HttpConnection::run() {
  if (socket_.is_tls()) {
    const bool is_secure = co_await shake_hands();
    if (!is_secure) co_return;
  }
  while (keeps_alive_) {
    const Read read = co_await read_request();
    if (read == Read::Closed) co_return;
    if (read == Read::Refused) {
      const bool is_slow = expired_;
      auto refusing =
          refuse(is_slow ? Error{ErrorCode::TooSlow, "The request took too long.", {}, {}}
                         : parser_.refusal());
      co_await std::move(refusing);
      co_return;
    }
    HttpRequest request = parser_.take();
    request.remote_ip = remote_ip_;
    request.request_id = server_.next_request_id();
    request.received = std::chrono::steady_clock::now();
    keeps_alive_ = parser_.keeps_alive();
    server_.counts().requests.fetch_add(1, std::memory_order_relaxed);

    auto answering =
        is_for_web_socket(request) ? upgrade(std::move(request)) : answer(std::move(request));
    co_await std::move(answering);
    if (gone_) co_return;
  }
  co_await linger();
}

Task<void> HttpConnection::run_over_limit() {
  if (socket_.is_tls()) co_return;  // a handshake is what we can't afford
  auto refusing = refuse(Error{ErrorCode::Unavailable, "Too many connections.", {}, seconds(1)});
  co_await std::move(refusing);
}

Task<bool> HttpConnection::shake_hands() {
  set_deadline(server_.now() + server_.limits().header_time);
  while (!gone_ && !expired_) {
    const IoStep step = socket_.handshake();
    if (step.next == IoStep::Next::GoOn) co_return true;
    if (step.next == IoStep::Next::Gone) break;
    auto waiting = socket_.wait(step.next);
    co_await waiting;
  }
  co_return false;
}

// Reading a request

Task<HttpConnection::Read> HttpConnection::read_request() {
  using Progress = RequestParser::Progress;
  Progress progress = parse({});
  bool told_to_continue = false;
  while (progress == Progress::Head || progress == Progress::Body) {
    follow(progress);
    if (phase_ == Phase::Body && parser_.expects_continue() && !told_to_continue) {
      told_to_continue = true;
      if (parser_.body_bytes() == 0) {
        unsent_ = kContinue;
        co_await send_rest();
        follow(progress);
      }
    }
    const bool is_last_look = phase_ == Phase::Idle && server_.is_draining();
    if (socket_.before_read() != IoStep::Next::GoOn && !is_last_look && !gone_) {
      auto waiting = socket_.wait(socket_.before_read());
      co_await waiting;
    }
    if (gone_) co_return Read::Closed;
    if (expired_) co_return phase_ == Phase::Idle ? Read::Closed : Read::Refused;
    const bool has_received = receive(progress);
    if (gone_ || (is_last_look && !has_received)) co_return Read::Closed;
  }
  phase_ = Phase::Busy;
  set_deadline(Instant::max());
  co_return progress == Progress::Done ? Read::Request : Read::Refused;
}

// Sets the deadline for what the connection waits for now.
void HttpConnection::follow(RequestParser::Progress progress) {
  const Phase phase = progress == RequestParser::Progress::Body ? Phase::Body
                      : kept_.empty()                           ? Phase::Idle
                                                                : Phase::Head;
  if (phase != phase_) phase_begun_ = server_.now();
  phase_ = phase;
  if (phase == Phase::Idle) {
    set_deadline(phase_begun_ + server_.limits().idle_time);
  } else if (phase == Phase::Head) {
    set_deadline(phase_begun_ + server_.limits().header_time);
  } else {
    set_deadline(transfer_deadline(phase_begun_, parser_.body_bytes()));
  }
}

// One attempt to read. False when nothing has come.
bool HttpConnection::receive(RequestParser::Progress& progress) {
  std::vector<char>& buffer = server_.read_buffer();
  const IoStep step = socket_.read(buffer.data(), buffer.size());
  if (step.next == IoStep::Next::Gone) gone_ = true;
  if (step.next != IoStep::Next::GoOn) return false;
  progress = parse({buffer.data(), step.bytes});
  return true;
}

RequestParser::Progress HttpConnection::parse(std::string_view received) {
  std::string_view in = received;
  const bool has_kept = !kept_.empty();
  if (has_kept) in = kept_.append(received);
  const auto progress = parser_.read(in);
  if (in.empty()) {
    kept_ = std::string();
  } else if (has_kept) {
    kept_.erase(0, kept_.size() - in.size());
  } else {
    kept_ = in;
  }
  return progress;
}

// Answering

Task<void> HttpConnection::answer(HttpRequest request) {
  const bool without_body = request.method == HttpMethod::Head;
  const std::string request_id = request.request_id;
  const HttpResponse response = co_await ask_handler(std::move(request));
  start_sending(response, request_id, without_body);
  if (!unsent_.empty()) co_await send_rest();
}

Task<HttpResponse> HttpConnection::ask_handler(HttpRequest request) {
  const std::string request_id = request.request_id;
  try {
    auto handling = server_.handler().handle(std::move(request));
    co_return co_await std::move(handling);
  } catch (const std::exception& error) {
    log_failure(request_id, error.what());
  } catch (...) {
    log_failure(request_id, "not an exception");
  }
  co_return problem(Error{ErrorCode::Internal, {}, {}, {}}, request_id);
}

// The last answer of this connection: nobody knows where another request would begin.
Task<void> HttpConnection::refuse(Error error) {
  keeps_alive_ = false;
  const std::string request_id = server_.next_request_id();
  const HttpResponse response = problem(error, request_id);
  start_sending(response, request_id, /*without_body=*/false);
  if (!unsent_.empty()) co_await send_rest();
  if (!gone_) co_await linger();
}

HttpResponse HttpConnection::problem(const Error& error, std::string_view request_id) {
  server_.counts().refusals.fetch_add(1, std::memory_order_relaxed);
  HttpResponse response = server_.handler().problem(error, request_id);
  if (error.code == ErrorCode::UpgradeRequired) {
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Connection", "Upgrade");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
  }
  return response;
}

// Sends what the kernel takes at once, which is nearly always all; the rest is in `unsent_`.
void HttpConnection::start_sending(const HttpResponse& response, std::string_view request_id,
                                   bool without_body) {
  if (server_.is_draining()) keeps_alive_ = false;
  std::string& head = server_.head_buffer();
  head.clear();
  append_answer_head(head, response,
                     {server_.date(), request_id, keeps_alive_, parser_.is_http_1_0()});
  std::string_view body = response.body;
  if (without_body || !has_body(response.status)) body = {};

  const IoStep step = socket_.write(head, body);
  if (step.next == IoStep::Next::Gone) {
    gone_ = true;
    return;
  }
  const std::size_t of_head = std::min(step.bytes, head.size());
  const std::size_t of_body = step.bytes - of_head;
  if (step.bytes < head.size() + body.size()) {
    unsent_.assign(head, of_head);
    unsent_.append(body.substr(of_body));
  }
}

Task<void> HttpConnection::send_rest() {
  std::string_view rest = unsent_;
  set_deadline(transfer_deadline(server_.now(), rest.size()));
  while (!rest.empty() && !gone_) {
    const IoStep step = socket_.write(rest, {});
    if (step.next == IoStep::Next::GoOn) {
      rest.remove_prefix(step.bytes);
      continue;
    }
    if (step.next == IoStep::Next::Gone || expired_) {
      gone_ = true;
      break;
    }
    auto waiting = socket_.wait(step.next);
    co_await waiting;
  }
  set_deadline(Instant::max());
  unsent_ = std::string();
}

// To close a socket with unread bytes would reset the connection, and the peer might never see its
// answer.
Task<void> HttpConnection::linger() {
  socket_.shutdown_send();
  set_deadline(server_.now() + server_.limits().linger_time);
  std::vector<char>& buffer = server_.read_buffer();
  while (!gone_ && !expired_) {
    if (socket_.before_read() != IoStep::Next::GoOn) {
      auto waiting = socket_.wait(socket_.before_read());
      co_await waiting;
    }
    const IoStep step = socket_.read(buffer.data(), buffer.size());
    if (step.next == IoStep::Next::Gone) gone_ = true;
  }
}

// Becoming a WebSocket

bool HttpConnection::is_for_web_socket(const HttpRequest& request) const {
  const auto& route = server_.config().web_socket;
  return route && request.method == HttpMethod::Get && request.path == route->path;
}

Task<void> HttpConnection::upgrade(HttpRequest request) {
  const HttpResponse response = co_await answer_upgrade(request);
  start_sending(response, request.request_id, /*without_body=*/false);
  if (!unsent_.empty()) co_await send_rest();
  if (response.status != 101 || gone_) co_return;
  keeps_alive_ = false;
  auto holding = hold_web_socket(std::move(request));
  co_await std::move(holding);
}

Task<HttpResponse> HttpConnection::answer_upgrade(const HttpRequest& request) {
  const HttpServer::WebSocketRoute& route = *server_.config().web_socket;
  Result<HttpResponse> answer = answer_handshake(request, parser_.wants_upgrade(), route.protocol);
  if (!answer) co_return problem(answer.error(), request.request_id);
  if (server_.is_draining()) {
    co_return problem(Error{ErrorCode::Unavailable, "The server stops.", {}, seconds(1)},
                      request.request_id);
  }
  try {
    auto judging = route.handler->accept(request);
    std::optional<HttpResponse> refusal = co_await std::move(judging);
    if (refusal) co_return std::move(*refusal);
    co_return std::move(*answer);
  } catch (const std::exception& error) {
    log_failure(request.request_id, error.what());
  } catch (...) {
    log_failure(request.request_id, "not an exception");
  }
  co_return problem(Error{ErrorCode::Internal, {}, {}, {}}, request.request_id);
}

Task<void> HttpConnection::hold_web_socket(HttpRequest request) {
  const std::string request_id = request.request_id;
  WebSocketConnection web_socket(server_.loop(), socket_, server_.limits(),
                                 WebSocketConnection::Side::Server, std::exchange(kept_, {}));
  web_socket_ = &web_socket;
  server_.counts().open_web_sockets.fetch_add(1, std::memory_order_relaxed);
  if (server_.is_draining()) drain();
  try {
    auto running = server_.config().web_socket->handler->run(web_socket, std::move(request));
    co_await std::move(running);
  } catch (const std::exception& error) {
    log_failure(request_id, error.what());
  } catch (...) {
    log_failure(request_id, "not an exception");
  }
  co_await web_socket.finish();
  server_.counts().open_web_sockets.fetch_sub(1, std::memory_order_relaxed);
  web_socket_ = nullptr;
  gone_ = true;
}

Task<void> HttpConnection::say_goodbye(WebSocketConnection& socket) {
  try {
    auto saying = server_.config().web_socket->handler->say_goodbye(socket);
    co_await std::move(saying);
  } catch (const std::exception& error) {
    log_error("http.goodbye_failed", {{"error", error.what()}});
  }
  socket.close(kGoingAway, "going away");
}

// From outside

void HttpConnection::sweep(Instant now) {
  if (web_socket_ != nullptr) {
    web_socket_->tick(now);
  } else if (now >= deadline_ && !expired_) {
    expired_ = true;
    socket_.cancel();
  }
}

void HttpConnection::drain() {
  if (web_socket_ != nullptr) {
    web_socket_->spawn(say_goodbye(*web_socket_));
  } else if (phase_ == Phase::Idle) {
    socket_.cancel();
  }
}

void HttpConnection::cut() {
  gone_ = true;
  if (web_socket_ != nullptr) {
    web_socket_->cut();
  } else {
    socket_.cancel();
  }
}

void HttpConnection::set_deadline(Instant deadline) {
  deadline_ = deadline;
  expired_ = false;
}

Instant HttpConnection::transfer_deadline(Instant begun, std::size_t bytes) const {
  const HttpLimits& limits = server_.limits();
  return begun + limits.transfer_time +
         milliseconds(bytes * 1000 / limits.transfer_bytes_per_second);
}

}  // namespace tidings
