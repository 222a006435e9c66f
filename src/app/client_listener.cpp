#include "app/client_listener.h"

#include <algorithm>
#include <string>
#include <utility>

#include "app/file_limit.h"
#include "app/made_of_settings.h"
#include "base/log.h"
#include "roles/notify/notification_handler.h"

namespace tidings {
namespace {

constexpr const char* kSocketProtocol = "tidings.v1";

double number(std::uint64_t value) { return static_cast<double>(value); }

}  // namespace

ClientListener::ClientListener(const Settings& settings, Rate per_ip_rate, const Clock& clock,
                               HttpHandler& requests, WebSocketHandler* sockets)
    : settings_(settings),
      ip_limit_(per_ip_rate, clock),
      request_log_(milliseconds(settings.slow_request_ms)),
      proxies_(settings.trusted_proxies),
      front_door_(requests, proxies_, ip_limit_, request_log_, clock) {
  if (sockets != nullptr)
    socket_door_.emplace(*sockets, requests, proxies_, ip_limit_, request_log_, clock);
}

Result<void> ClientListener::start(const std::vector<AsioLoop*>& loops) {
  const FileLimit files = read_file_limit();
  const std::size_t fitting = connections_that_fit(files);
  if (fitting == 0)
    return fail(ErrorCode::InvalidRequest, "This process may open " + std::to_string(files.max) +
                                               " files (ulimit -n), which are too few to serve.");
  connections_max_ = std::min<std::size_t>(settings_.connections_max, fitting);
  if (fitting < settings_.connections_max)
    log_warn("listen.connections_capped", {{"connections_max", settings_.connections_max},
                                           {"fit", fitting},
                                           {"files_max", files.max}});
  HttpServer::Config config = listener_at(settings_.listen);
  config.limits.connections_max = connections_max_;
  if (!settings_.tls_cert.empty())
    config.tls = HttpServer::Tls{settings_.tls_cert, settings_.tls_key};
  if (socket_door_)
    config.web_socket = HttpServer::WebSocketRoute{std::string(kNotificationsPath), kSocketProtocol,
                                                   &*socket_door_};
  server_.emplace(loops, front_door_, std::move(config));
  return server_->start();
}

Result<void> ClientListener::renew_certificate() { return server_->renew_certificate(); }

void ClientListener::drain(milliseconds time) {
  if (server_) server_->drain(time);
}

void ClientListener::show(MetricPage& page) const {
  request_log_.show(page);
  page.counter("tidings_ip_limited_total", "Requests that the limit of an address refused.",
               number(ip_limit_.refused()));
  page.gauge("tidings_connections", "Open connections to the API, WebSockets included.",
             number(server_->open_connections()));
  page.gauge("tidings_connections_max",
             "How many may be open: connections-max, or what the limit of open files leaves.",
             number(connections_max_));
  page.counter("tidings_connections_total", "Connections that were accepted.",
               number(server_->accepted_connections()));
  page.counter("tidings_http_refused_total", "Requests that were not HTTP, too large or too slow.",
               number(server_->refusals()));
}

}  // namespace tidings
