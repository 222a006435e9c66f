#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "net/io_step.h"
#include "net/tls.h"
#include "net/use_task.h"

namespace tidings {

using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// One connection, plain or TLS, on its loop. For this room's .cpp files.
//
// Bytes are moved by attempts that never block; between them one waits. So an idle connection holds
// no buffer, and no time-out needs more than `cancel`.
class Socket {
 public:
  explicit Socket(TcpSocket tcp, std::unique_ptr<TlsSession> tls = nullptr)
      : tcp_(std::move(tcp)),
        tls_(std::move(tls)),
        before_read_(tls_ ? IoStep::Next::GoOn : IoStep::Next::WaitToRead) {}

  IoStep handshake() { return tls_ ? tls_->handshake() : IoStep(); }
  std::string distrust() const { return tls_ ? tls_->distrust() : std::string(); }
  IoStep read(char* to, std::size_t size);
  // Moves bytes of `first`, then of `second`: one attempt, maybe not all of them.
  IoStep write(std::string_view first, std::string_view second);

  // `co_await socket.wait(step.next)`; an error is only ever a cancellation.
  auto wait(IoStep::Next next) {
    return tcp_.async_wait(
        next == IoStep::Next::WaitToWrite ? TcpSocket::wait_write : TcpSocket::wait_read, use_task);
  }
  // What to wait for before the next `read`. GoOn: nothing, as bytes may lie ready inside.
  IoStep::Next before_read() const { return before_read_; }
  bool is_tls() const { return tls_ != nullptr; }

  void cancel();         // ends waits, those that have begun
  void shutdown_send();  // the peer reads an end; we may go on reading

  TcpSocket& tcp() { return tcp_; }

 private:
  IoStep read_plain(char* to, std::size_t size);
  IoStep write_tls(std::string_view first, std::string_view second);

  TcpSocket tcp_;
  std::unique_ptr<TlsSession> tls_;
  IoStep::Next before_read_;
};

}  // namespace tidings
