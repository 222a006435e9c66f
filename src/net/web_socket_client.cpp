#include "net/web_socket_client.h"

#include <chrono>
#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "base/task_group.h"
#include "net/client_connection.h"
#include "net/loop_timer.h"
#include "net/reply_parser.h"
#include "net/web_socket_connection.h"

namespace tidings {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kRefusalBytesMax = 64 * 1024;

std::string handshake(const WebSocketClient::Config& config, const std::string& key) {
  std::string bytes = "GET " + config.target + " HTTP/1.1\r\nHost: " + config.host + ":" +
                      std::to_string(config.port) +
                      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                      key + "\r\n";
  if (!config.protocol.empty()) bytes += "Sec-WebSocket-Protocol: " + config.protocol + "\r\n";
  for (const auto& [name, value] : config.headers) {
    bytes += name + ": " + value + "\r\n";
  }
  return bytes + "\r\n";
}

ErrorCode code_of_refusal(int status) {
  if (status == 401) return ErrorCode::Unauthenticated;
  return status >= 500 ? ErrorCode::Unavailable : ErrorCode::Forbidden;
}

}  // namespace

struct WebSocketClient::Impl {
  explicit Impl(AsioLoop& loop) : loop(loop), ticker(loop.context()) {}

  Task<Result<std::string>> shake_hands(const Config& config, Instant deadline);
  Task<void> tick_regularly();

  AsioLoop& loop;
  HttpLimits limits;
  std::optional<TlsContext> tls;
  std::unique_ptr<ClientConnection> connection;
  std::optional<WebSocketConnection> socket;
  LoopTimer ticker;
  TaskGroup tasks{"web_socket_client"};
  bool stopped = false;
};

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketClient::~WebSocketClient() = default;

WebSocket& WebSocketClient::socket() { return *impl_->socket; }

Task<Result<std::unique_ptr<WebSocketClient>>> WebSocketClient::connect(AsioLoop& loop,
                                                                        Config config,
                                                                        Instant deadline) {
  auto impl = std::make_unique<Impl>(loop);
  impl->limits.message_bytes_max = config.message_bytes_max;
  if (config.tls) {
    auto made = TlsContext::for_client(config.ca_path);
    if (!made) co_return forward(std::move(made));
    impl->tls = std::move(*made);
  }
  const TlsContext* const tls = impl->tls ? &*impl->tls : nullptr;
  auto opened = co_await ClientConnection::open(loop, config.host, config.port, tls, deadline);
  if (!opened) co_return forward(std::move(opened));
  impl->connection = std::move(*opened);

  Result<std::string> received = co_await impl->shake_hands(config, deadline);
  if (!received) co_return forward(std::move(received));
  impl->socket.emplace(loop, impl->connection->socket(), impl->limits,
                       WebSocketConnection::Side::Client, std::move(*received));
  impl->tasks.spawn(impl->tick_regularly());
  co_return std::unique_ptr<WebSocketClient>(new WebSocketClient(std::move(impl)));
}

// Returns what the server sent behind its answer.
Task<Result<std::string>> WebSocketClient::Impl::shake_hands(const Config& config,
                                                             Instant deadline) {
  const std::string key = to_base64(random_bytes(kKeyBytes));
  std::string opening = handshake(config, key);
  co_await connection->send(std::move(opening), deadline);

  ReplyParser parser(kRefusalBytesMax, /*is_head=*/false);
  std::string received;
  auto progress = ReplyParser::Progress::Head;
  while (progress == ReplyParser::Progress::Head || progress == ReplyParser::Progress::Body) {
    const bool has_more = co_await connection->receive(received, deadline);
    if (!has_more) co_return fail(ErrorCode::Unavailable, "No answer from " + config.host + ".");
    std::string_view in = received;
    progress = parser.read(in);
    received.erase(0, received.size() - in.size());
  }
  const HttpReply reply = parser.take();
  if (reply.status != 101) {
    co_return fail(code_of_refusal(reply.status),
                   "The server answered " + std::to_string(reply.status) + ".");
  }
  const bool is_ours = reply.header("sec-websocket-accept") == accept_key(key) &&
                       reply.header("sec-websocket-protocol") == config.protocol;
  if (!is_ours) co_return fail(ErrorCode::Forbidden, "The server speaks another protocol.");
  co_return received;
}

Task<void> WebSocketClient::Impl::tick_regularly() {
  while (!stopped) {
    ticker.expires_after(limits.sweep_every);
    auto waiting = ticker.async_wait(use_task);
    co_await waiting;
    socket->tick(std::chrono::steady_clock::now());
  }
}

Task<void> WebSocketClient::shut() {
  co_await impl_->socket->finish();
  impl_->stopped = true;
  impl_->ticker.cancel();
  co_await impl_->tasks.join();
}

}  // namespace tidings
