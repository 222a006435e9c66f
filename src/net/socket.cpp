#include "net/socket.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>

namespace tidings {
namespace {

// One record of TLS; more than that is not worth a copy.
constexpr std::size_t kJoinedBytesMax = 16 * 1024;

IoStep to_step(ssize_t result, IoStep::Next when_it_would_block) {
  if (result > 0) return {static_cast<std::size_t>(result), IoStep::Next::GoOn};
  if (result < 0 && (errno == EAGAIN || errno == EINTR)) return {0, when_it_would_block};
  return {0, IoStep::Next::Gone};
}

}  // namespace

IoStep Socket::read(char* to, std::size_t size) {
  const IoStep step = tls_ ? tls_->read(to, size) : read_plain(to, size);
  before_read_ = step.next;
  // The kernel tells us of what is left or comes later; what OpenSSL holds, nobody does.
  const bool is_empty = !tls_ || !tls_->has_buffered();
  if (step.next == IoStep::Next::GoOn && is_empty) before_read_ = IoStep::Next::WaitToRead;
  return step;
}

IoStep Socket::read_plain(char* to, std::size_t size) {
  return to_step(::recv(tcp_.native_handle(), to, size, MSG_DONTWAIT), IoStep::Next::WaitToRead);
}

IoStep Socket::write(std::string_view first, std::string_view second) {
  if (tls_) return write_tls(first, second);
  iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                    {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = second.empty() ? 1 : 2;
  return to_step(::sendmsg(tcp_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL),
                 IoStep::Next::WaitToWrite);
}

// A write that OpenSSL could not finish must be tried again with the same bytes, and at least as
// many: callers keep what is left in one piece, so joining a little here is safe.
IoStep Socket::write_tls(std::string_view first, std::string_view second) {
  if (second.empty() || first.size() + second.size() > kJoinedBytesMax) {
    return tls_->write(first.data(), first.size());
  }
  std::string joined;
  joined.reserve(first.size() + second.size());
  joined.append(first).append(second);
  return tls_->write(joined.data(), joined.size());
}

void Socket::cancel() {
  boost::system::error_code ignored;
  tcp_.cancel(ignored);
}

void Socket::shutdown_send() {
  if (tls_) tls_->say_goodbye();
  boost::system::error_code ignored;
  tcp_.shutdown(TcpSocket::shutdown_send, ignored);
}

}  // namespace tidings
