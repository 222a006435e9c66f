#include "net/http_client.h"

#include <chrono>
#include <optional>

#include "net/client_connection.h"
#include "net/reply_parser.h"

namespace tidings {
namespace {

std::string to_bytes(const HttpClient::Call& call, const std::string& host) {
  std::string bytes = call.method + " " + call.target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& [name, value] : call.headers) {
    bytes += name + ": " + value + "\r\n";
  }
  if (!call.body.empty() || (call.method != "GET" && call.method != "HEAD")) {
    bytes += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  }
  return bytes + "\r\n" + call.body;
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

struct HttpClient::Impl {
  using Connection = std::unique_ptr<ClientConnection>;

  Task<Result<Connection>> open(Instant deadline);
  Task<bool> exchange(ClientConnection& connection, std::string request, ReplyParser& parser,
                      bool& has_received, Instant deadline) const;

  AsioLoop& loop;
  Config config;
  std::string host;  // as the Host field wants it
  std::optional<TlsContext> tls;
  std::vector<Connection> idle;
};

HttpClient::HttpClient(AsioLoop& loop, Config config)
    : impl_(new Impl{loop, std::move(config), {}, {}, {}}) {
  impl_->host = impl_->config.host + ":" + std::to_string(impl_->config.port);
}

HttpClient::~HttpClient() = default;

Task<Result<HttpReply>> HttpClient::call(Call call, Instant deadline) {
  const std::string request = to_bytes(call, impl_->host);
  while (true) {
    Impl::Connection connection;
    const bool is_kept = !impl_->idle.empty();
    if (is_kept) {
      connection = std::move(impl_->idle.back());
      impl_->idle.pop_back();
    } else {
      Result<Impl::Connection> opened = co_await impl_->open(deadline);
      if (!opened) co_return forward(std::move(opened));
      connection = std::move(*opened);
    }
    ReplyParser parser(impl_->config.body_bytes_max, call.method == "HEAD");
    bool has_received = false;
    const bool is_whole =
        co_await impl_->exchange(*connection, request, parser, has_received, deadline);
    if (is_whole) {
      const bool keep = parser.keeps_alive() && impl_->idle.size() < impl_->config.idle_max;
      if (keep) impl_->idle.push_back(std::move(connection));
      co_return parser.take();
    }
    // A kept connection may have been closed long ago; a new one tells.
    const bool is_in_time = std::chrono::steady_clock::now() < deadline;
    if (!is_kept || has_received || !is_in_time) break;
  }
  co_return fail(ErrorCode::Unavailable, "No answer from " + impl_->host + ".");
}

Task<Result<HttpClient::Impl::Connection>> HttpClient::Impl::open(Instant deadline) {
  if (config.tls && !tls) {
    auto made = TlsContext::for_client(config.ca_path);
    if (!made) co_return forward(std::move(made));
    tls = std::move(*made);
  }
  const TlsContext* const context = tls ? &*tls : nullptr;
  co_return co_await ClientConnection::open(loop, config.host, config.port, context, deadline);
}

// True when the whole answer came. Bytes that follow it belong to nobody, and spoil the connection.
Task<bool> HttpClient::Impl::exchange(ClientConnection& connection, std::string request,
                                      ReplyParser& parser, bool& has_received,
                                      Instant deadline) const {
  // An answer may come before the request was taken whole, and be a refusal: read it anyway.
  co_await connection.send(std::move(request), deadline);
  std::string received;
  while (true) {
    const bool has_more = co_await connection.receive(received, deadline);
    if (!has_more) co_return parser.end();
    has_received = true;
    std::string_view in = received;
    const auto progress = parser.read(in);
    received.erase(0, received.size() - in.size());
    if (progress == ReplyParser::Progress::Malformed) co_return false;
    if (progress == ReplyParser::Progress::Done) co_return received.empty();
  }
}

}  // namespace tidings
