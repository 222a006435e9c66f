#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/io_step.h"

struct ssl_ctx_st;
struct ssl_st;

namespace tidings {

// TLS 1.2 and 1.3 for one connection whose socket does not block, by OpenSSL. The steps are those
// of `Socket`.
class TlsSession {
 public:
  TlsSession(ssl_st* session, int socket);  // owns the session, not the socket

  IoStep handshake();
  // Why the handshake did not trust the peer's certificate; empty when it did, or got none.
  std::string distrust() const;
  IoStep read(char* to, std::size_t size);
  IoStep write(const char* from, std::size_t size);
  // Whether a read may succeed although nothing new has come.
  bool has_buffered() const;
  void say_goodbye();  // tells the peer that no more will come

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  IoStep step(int result, std::size_t bytes);

  std::unique_ptr<ssl_st, Free> session_;
  bool failed_ = false;
};

// What the sessions of one server or one client share. Safe from any thread.
class TlsContext {
 public:
  // For a server that offers http/1.1.
  //
  // Errors: InvalidRequest  the detail names the file that can't be used
  static Result<TlsContext> for_server(const std::string& certificate_path,
                                       const std::string& key_path);
  // For a client that checks the server's certificate, by the system's authorities if `ca_path` is
  // empty.
  //
  // Errors: InvalidRequest  the detail names the file that can't be used
  static Result<TlsContext> for_client(const std::string& ca_path);

  std::unique_ptr<TlsSession> accept(int socket) const;
  std::unique_ptr<TlsSession> connect(int socket, const std::string& host) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

// The context of a server, which may be replaced while it serves: sessions that have begun go on
// with the one that they began with. Safe from any thread.
class RenewableTls {
 public:
  void replace(TlsContext context);
  std::unique_ptr<TlsSession> accept(int socket) const;  // null as long as there is no context

 private:
  mutable std::mutex mutex_;
  std::optional<TlsContext> context_;
};

}  // namespace tidings
