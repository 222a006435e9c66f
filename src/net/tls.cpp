#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/ensure.h"

namespace tidings {
namespace {

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_read(BIO* bio, char* to, int size) {
  const auto got = ::recv(socket_of(bio), to, static_cast<std::size_t>(size), MSG_DONTWAIT);
  BIO_clear_retry_flags(bio);
  if (got < 0 && would_block()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* from, int size) {
  const auto sent =
      ::send(socket_of(bio), from, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  BIO_clear_retry_flags(bio);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

// OpenSSL's own socket BIO would raise SIGPIPE when the peer is gone.
BIO* make_bio(int socket) {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    ensure(method != nullptr, "memory for a BIO method");
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    BIO_meth_set_create(method, bio_create);
    return method;
  }();
  BIO* const bio = BIO_new(kMethod);
  ensure(bio != nullptr, "memory for a BIO");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  return bio;
}

// Of the protocols that the client offers in ALPN, http/1.1 is the only one spoken here.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr std::string_view kProtocol = "http/1.1";
  for (unsigned int i = 0; i < offered_size; i += 1U + offered[i]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + i + 1), offered[i]);
    if (name == kProtocol) {
      *chosen = offered + i + 1;
      *chosen_size = offered[i];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;
}

void set_common_options(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
}

// Why OpenSSL could not use a file of PEM, for the person who named it. Its queue holds the cause
// and what came of it, in the words of those who wrote the library.
std::string why_unusable() {
  std::string why;
  while (const unsigned long error = ERR_get_error()) {
    const int library = ERR_GET_LIB(error);
    const int reason = ERR_GET_REASON(error);
    if (ERR_SYSTEM_ERROR(error)) {
      why = std::generic_category().message(reason);
    } else if (library == ERR_LIB_X509 && reason == X509_R_KEY_VALUES_MISMATCH) {
      why = "it is not the key of the certificate";
    } else if (library == ERR_LIB_PEM && reason == PEM_R_BAD_PASSWORD_READ) {
      why = "it is encrypted, and nobody is there to be asked for a passphrase";
    } else if (why.empty() && (library == ERR_LIB_PEM || library == ERR_LIB_OSSL_DECODER)) {
      why = "it is not what it should be in PEM, or cut off";
    } else if (const char* const text = ERR_reason_error_string(error); why.empty() && text) {
      why = text;
    }
  }
  return why + '.';
}

int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }
void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsSession::TlsSession(ssl_st* session, int socket) : session_(session) {
  BIO* const bio = make_bio(socket);
  SSL_set_bio(session, bio, bio);
}

IoStep TlsSession::step(int result, std::size_t bytes) {
  if (result > 0) return {bytes, IoStep::Next::GoOn};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {0, IoStep::Next::WaitToRead};
    case SSL_ERROR_WANT_WRITE:
      return {0, IoStep::Next::WaitToWrite};
    default:
      failed_ = true;
      ERR_clear_error();
      return {0, IoStep::Next::Gone};
  }
}

IoStep TlsSession::handshake() {
  ERR_clear_error();
  return step(SSL_do_handshake(session_.get()), 0);
}

std::string TlsSession::distrust() const {
  const long verified = SSL_get_verify_result(session_.get());
  return verified == X509_V_OK ? "" : X509_verify_cert_error_string(verified);
}

IoStep TlsSession::read(char* to, std::size_t size) {
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(session_.get(), to, size, &got);
  return step(result, got);
}

IoStep TlsSession::write(const char* from, std::size_t size) {
  ERR_clear_error();
  std::size_t sent = 0;
  const int result = SSL_write_ex(session_.get(), from, size, &sent);
  return step(result, sent);
}

bool TlsSession::has_buffered() const { return SSL_has_pending(session_.get()) != 0; }

void TlsSession::say_goodbye() {
  if (failed_) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

Result<TlsContext> TlsContext::for_server(const std::string& certificate_path,
                                          const std::string& key_path) {
  TlsContext made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made.context_.get();
  ensure(context != nullptr, "memory for a TLS context");
  set_common_options(context);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate_path.c_str()) != 1) {
    return fail(ErrorCode::InvalidRequest,
                "The certificate " + certificate_path + " can't be used: " + why_unusable());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(ErrorCode::InvalidRequest,
                "The key " + key_path + " can't be used: " + why_unusable());
  }
  return made;
}

Result<TlsContext> TlsContext::for_client(const std::string& ca_path) {
  TlsContext made(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = made.context_.get();
  ensure(context != nullptr, "memory for a TLS context");
  set_common_options(context);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const int loaded = ca_path.empty()
                         ? SSL_CTX_set_default_verify_paths(context)
                         : SSL_CTX_load_verify_locations(context, ca_path.c_str(), nullptr);
  if (loaded != 1) {
    return fail(ErrorCode::InvalidRequest,
                "The authorities in " + ca_path + " can't be used: " + why_unusable());
  }
  return made;
}

std::unique_ptr<TlsSession> TlsContext::accept(int socket) const {
  SSL* const session = SSL_new(context_.get());
  ensure(session != nullptr, "memory for a TLS session");
  SSL_set_accept_state(session);
  return std::make_unique<TlsSession>(session, socket);
}

void RenewableTls::replace(TlsContext context) {
  const std::scoped_lock lock(mutex_);
  context_ = std::move(context);
}

std::unique_ptr<TlsSession> RenewableTls::accept(int socket) const {
  const std::scoped_lock lock(mutex_);
  return context_ ? context_->accept(socket) : nullptr;
}

std::unique_ptr<TlsSession> TlsContext::connect(int socket, const std::string& host) const {
  SSL* const session = SSL_new(context_.get());
  ensure(session != nullptr, "memory for a TLS session");
  SSL_set_connect_state(session);
  // An address is checked against the certificate's addresses, a name against its names.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) != 1) {
    ERR_clear_error();
    SSL_set_tlsext_host_name(session, host.c_str());
    SSL_set1_host(session, host.c_str());
  }
  return std::make_unique<TlsSession>(session, socket);
}

}  // namespace tidings
