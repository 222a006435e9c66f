#include "app/client_listener.h"

#include <utility>

#include "app/made_of_settings.h"
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
  HttpServer::Config config = listener_at(settings_.listen);
  config.limits.connections_max = settings_.connections_max;
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
  page.counter("tidings_connections_total", "Connections that were accepted.",
               number(server_->accepted_connections()));
  page.counter("tidings_http_refused_total", "Requests that were not HTTP, too large or too slow.",
               number(server_->refusals()));
}

}  // namespace tidings
