#include "net/client_connection.h"

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <string_view>
#include <vector>

#include "net/loop_timer.h"

namespace tidings {
namespace {

using boost::asio::ip::tcp;
using Resolver = boost::asio::ip::basic_resolver<tcp, boost::asio::io_context::executor_type>;

constexpr std::size_t kReadBytes = 16 * 1024;

bool is_over(Instant deadline) { return std::chrono::steady_clock::now() >= deadline; }

// Ends what a socket waits for at a moment, unless it is destroyed before.
class Alarm {
 public:
  Alarm(AsioLoop& loop, TcpSocket& socket, Instant when) : timer_(loop.context()) {
    timer_.expires_at(when);
    timer_.async_wait([&socket, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
      boost::system::error_code ignored;
      if (!error && !alive.expired()) socket.cancel(ignored);
    });
  }

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  LoopTimer timer_;
};

Task<std::vector<tcp::endpoint>> look_up(AsioLoop& loop, std::string host, std::uint16_t port) {
  std::vector<tcp::endpoint> endpoints;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (!error) {
    endpoints.emplace_back(address, port);
    co_return endpoints;
  }
  Resolver resolver(loop.context());
  auto resolving = resolver.async_resolve(host, std::to_string(port), use_task);
  const auto [failed, found] = co_await resolving;
  for (const auto& entry : found) {
    endpoints.push_back(entry.endpoint());
  }
  co_return endpoints;
}

Task<bool> connect(AsioLoop& loop, TcpSocket& socket, tcp::endpoint endpoint, Instant deadline) {
  boost::system::error_code error;
  socket.close(error);
  socket.open(endpoint.protocol(), error);
  if (error) co_return false;
  socket.set_option(tcp::no_delay(true), error);
  const Alarm alarm(loop, socket, deadline);
  auto connecting = socket.async_connect(endpoint, use_task);
  const auto [failed] = co_await connecting;
  co_return !failed;
}

}  // namespace

Task<Result<std::unique_ptr<ClientConnection>>> ClientConnection::open(
    AsioLoop& loop, std::string host, std::uint16_t port, const TlsContext* tls, Instant deadline) {
  const std::string name = host + ":" + std::to_string(port);
  const std::vector<tcp::endpoint> endpoints = co_await look_up(loop, host, port);
  if (endpoints.empty()) co_return fail(ErrorCode::Unavailable, "No address known for " + name);

  TcpSocket tcp(loop.context());
  bool is_connected = false;
  for (const tcp::endpoint& endpoint : endpoints) {
    if (is_over(deadline)) break;
    is_connected = co_await connect(loop, tcp, endpoint, deadline);
    if (is_connected) break;
  }
  if (!is_connected) co_return fail(ErrorCode::Unavailable, "Can't connect to " + name);

  std::unique_ptr<TlsSession> session;
  if (tls != nullptr) session = tls->connect(tcp.native_handle(), host);
  auto connection =
      std::make_unique<ClientConnection>(loop, Socket(std::move(tcp), std::move(session)));
  const bool is_secure = co_await connection->shake_hands(deadline);
  if (!is_secure) {
    const std::string distrust = connection->socket_.distrust();
    const std::string why =
        distrust.empty() ? "" : ": its certificate is not trusted (" + distrust + ')';
    co_return fail(ErrorCode::Unavailable, "No secure connection to " + name + why);
  }
  co_return std::move(connection);
}

Task<bool> ClientConnection::shake_hands(Instant deadline) {
  while (true) {
    const IoStep step = socket_.handshake();
    if (step.next == IoStep::Next::GoOn) co_return true;
    if (step.next == IoStep::Next::Gone) co_return false;
    const bool in_time = co_await wait(step.next, deadline);
    if (!in_time) co_return false;
  }
}

Task<bool> ClientConnection::send(std::string bytes, Instant deadline) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const IoStep step = socket_.write(rest, {});
    rest.remove_prefix(step.bytes);
    if (step.next == IoStep::Next::GoOn) continue;
    if (step.next == IoStep::Next::Gone) co_return false;
    const bool in_time = co_await wait(step.next, deadline);
    if (!in_time) co_return false;
  }
  co_return true;
}

Task<bool> ClientConnection::receive(std::string& received, Instant deadline) {
  while (true) {
    if (socket_.before_read() != IoStep::Next::GoOn) {
      const bool in_time = co_await wait(socket_.before_read(), deadline);
      if (!in_time) co_return false;
    }
    const std::size_t before = received.size();
    received.resize(before + kReadBytes);
    const IoStep step = socket_.read(received.data() + before, kReadBytes);
    received.resize(before + step.bytes);
    if (step.next == IoStep::Next::Gone) co_return false;
    if (step.bytes > 0) co_return true;
  }
}

// False when the time is over.
Task<bool> ClientConnection::wait(IoStep::Next next, Instant deadline) {
  if (is_over(deadline)) co_return false;
  const Alarm alarm(loop_, socket_.tcp(), deadline);
  auto waiting = socket_.wait(next);
  co_await waiting;
  co_return !is_over(deadline);
}

}  // namespace tidings
