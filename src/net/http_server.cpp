#include "net/http_server.h"

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>

#include "base/ensure.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "net/server_loop.h"

namespace tidings {
namespace {

using boost::asio::ip::tcp;

constexpr int kBacklog = 4096;

enum class Share : std::uint8_t { Nobody, OurLoops };

Result<TcpAcceptor> bind_to(AsioLoop& loop, const tcp::endpoint& endpoint, Share share) {
  TcpAcceptor acceptor(loop.context());
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) {
    const int reuse = share == Share::OurLoops ? 1 : 0;
    setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &reuse, sizeof reuse);
    acceptor.bind(endpoint, error);
  }
  if (error) {
    return fail(ErrorCode::Unavailable, "Can't listen on " + endpoint.address().to_string() + ":" +
                                            std::to_string(endpoint.port()) + ": " +
                                            error.message());
  }
  return acceptor;
}

// Several sockets listen on one port, and the kernel spreads connections over them.
Result<TcpAcceptor> listen_on(AsioLoop& loop, const tcp::endpoint& endpoint) {
  auto acceptor = bind_to(loop, endpoint, Share::OurLoops);
  if (!acceptor) return acceptor;
  const int on = 1;  // inherited by what is accepted
  setsockopt(acceptor->native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  boost::system::error_code error;
  acceptor->listen(kBacklog, error);
  if (error) return fail(ErrorCode::Unavailable, "Can't listen: " + error.message());
  return acceptor;
}

}  // namespace

Task<void> WebSocketHandler::say_goodbye(WebSocket&) { co_return; }

struct HttpServer::Impl {
  std::vector<AsioLoop*> loops;
  ServerShared shared;
  std::vector<std::unique_ptr<ServerLoop>> parts;
  std::uint16_t port = 0;
  bool drained = false;

  template <class Count>
  std::uint64_t sum(Count count) const {
    std::uint64_t total = 0;
    for (const auto& part : parts) {
      total += (std::as_const(*part).counts().*count).load(std::memory_order_relaxed);
    }
    return total;
  }
};

HttpServer::HttpServer(std::vector<AsioLoop*> loops, HttpHandler& handler, Config config)
    : impl_(new Impl{std::move(loops), {handler, std::move(config), {}, {}, {}}, {}}) {
  ensure(!impl_->loops.empty(), "a server runs on at least one loop");
}

HttpServer::~HttpServer() { drain(milliseconds(0)); }

Result<void> HttpServer::start() {
  const Config& config = impl_->shared.config;
  if (auto usable = renew_certificate(); !usable) return usable;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(config.address, error);
  if (error) return fail(ErrorCode::InvalidRequest, config.address + " is not an IP address.");

  impl_->port = config.port;
  if (config.port != 0) {
    // Another process of ours would share the port as gladly as our own loops do.
    const auto alone =
        bind_to(*impl_->loops[0], tcp::endpoint(address, config.port), Share::Nobody);
    if (!alone) return forward(alone);
  }
  std::vector<TcpAcceptor> acceptors;
  for (AsioLoop* loop : impl_->loops) {
    auto acceptor = listen_on(*loop, tcp::endpoint(address, impl_->port));
    if (!acceptor) return forward(acceptor);
    impl_->port = acceptor->local_endpoint().port();
    acceptors.push_back(std::move(*acceptor));
  }
  for (std::size_t i = 0; i < acceptors.size(); ++i) {
    impl_->parts.push_back(
        std::make_unique<ServerLoop>(*impl_->loops[i], impl_->shared, std::move(acceptors[i])));
  }
  for (const auto& part : impl_->parts) {
    part->start();
  }
  return {};
}

Result<void> HttpServer::renew_certificate() {
  const auto& files = impl_->shared.config.tls;
  if (!files) return {};
  auto tls = TlsContext::for_server(files->certificate_path, files->key_path);
  if (!tls) return forward(tls);
  impl_->shared.tls.replace(std::move(*tls));
  return {};
}

std::uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::drain(std::chrono::milliseconds time) {
  if (std::exchange(impl_->drained, true)) return;
  static constexpr auto kDrainAll = [](Impl& impl, Instant deadline) -> Task<void> {
    TaskGroup draining("http_server.drain");
    for (const auto& part : impl.parts) {
      draining.spawn(part->drain(deadline));
    }
    co_await draining.join();
  };
  block_on(kDrainAll(*impl_, std::chrono::steady_clock::now() + time));
}

std::uint64_t HttpServer::open_connections() const {
  return impl_->shared.open_connections.load(std::memory_order_relaxed);
}
std::uint64_t HttpServer::open_web_sockets() const {
  return impl_->sum(&ServerLoop::Counts::open_web_sockets);
}
std::uint64_t HttpServer::accepted_connections() const {
  return impl_->sum(&ServerLoop::Counts::accepted);
}
std::uint64_t HttpServer::requests() const { return impl_->sum(&ServerLoop::Counts::requests); }
std::uint64_t HttpServer::refusals() const { return impl_->sum(&ServerLoop::Counts::refusals); }

}  // namespace tidings
