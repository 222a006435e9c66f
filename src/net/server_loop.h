#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/task_group.h"
#include "net/accept_failures.h"
#include "net/asio_loop.h"
#include "net/http_server.h"
#include "net/loop_timer.h"
#include "net/socket.h"
#include "net/tls.h"

namespace tidings {

class HttpConnection;

// What the loops of one server share.
struct ServerShared {
  HttpHandler& handler;
  HttpServer::Config config;
  RenewableTls tls;
  std::atomic<std::uint64_t> open_connections{0};
  AcceptFailures accept_failures;
};

using TcpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                       boost::asio::io_context::executor_type>;

// A server's part on one loop: accepts, owns the connections, and once a second looks for those
// whose time is up, which spares each connection a timer. For this room's .cpp files.
class ServerLoop {
 public:
  struct Counts {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refusals{0};
    std::atomic<std::uint64_t> open_web_sockets{0};
  };

  // `acceptor` listens, on the loop's context.
  ServerLoop(AsioLoop& loop, ServerShared& shared, TcpAcceptor acceptor);

  void start();                        // any thread; once
  Task<void> drain(Instant deadline);  // awaited on any loop; once

  const Counts& counts() const { return counts_; }  // any thread

  // The rest is for connections, on the loop.
  AsioLoop& loop() { return loop_; }
  HttpHandler& handler() { return shared_.handler; }
  const HttpServer::Config& config() const { return shared_.config; }
  const HttpLimits& limits() const { return shared_.config.limits; }
  Counts& counts() { return counts_; }

  std::size_t add(HttpConnection& connection);  // its place
  void remove(std::size_t place);

  bool is_draining() const { return draining_; }
  Instant now() const { return now_; }  // as of the last sweep
  const std::string& date() const { return date_; }
  std::string next_request_id();

  // Room for one read, and for one answer's head, between two waits of whoever uses it.
  std::vector<char>& read_buffer() { return read_buffer_; }
  std::string& head_buffer() { return head_buffer_; }

 private:
  Task<void> accept_all();
  Task<void> serve(TcpSocket tcp, std::string remote_ip, bool is_over_limit);
  Task<void> sweep_regularly();
  void sweep();

  AsioLoop& loop_;
  ServerShared& shared_;
  TcpAcceptor acceptor_;
  LoopTimer sweep_timer_;
  LoopTimer accept_timer_;
  TaskGroup tasks_{"http_server"};
  std::vector<HttpConnection*> connections_;
  Counts counts_;
  std::string request_id_prefix_;
  std::uint64_t request_ids_ = 0;
  Instant now_;
  std::string date_;
  std::vector<char> read_buffer_;
  std::string head_buffer_;
  bool draining_ = false;
  bool stopped_ = false;
};

}  // namespace tidings
