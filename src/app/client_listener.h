#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/client_address.h"
#include "app/front_door.h"
#include "app/ip_limit.h"
#include "app/metric_page.h"
#include "app/request_log.h"
#include "app/settings.h"
#include "net/http_server.h"

namespace tidings {

// The address that clients come to: the setting `listen`, its limits, its log and its counters.
// What is behind it are the handlers of the roles. Used by one thread; counters by any.
class ClientListener {
 public:
  // Everything outlives it. `sockets` null: there are none here.
  ClientListener(const Settings& settings, Rate per_ip_rate, const Clock& clock,
                 HttpHandler& requests, WebSocketHandler* sockets);

  // Takes `connections-max`, or as many as the limit of open files leaves room for; then the log
  // says so. Called when all else that the process opens at its start is open.
  //
  // Errors: as HttpServer::start
  //         InvalidRequest  the limit of open files leaves room for none
  Result<void> start(const std::vector<AsioLoop*>& loops);
  Result<void> renew_certificate();  // after start(), by any thread: as that of HttpServer
  void drain(milliseconds time);     // as HttpServer::drain

  std::uint16_t port() const { return server_->port(); }
  std::uint64_t open_connections() const { return server_->open_connections(); }
  std::uint64_t throttled() const { return request_log_.throttled(); }

  void show(MetricPage& page) const;

 private:
  const Settings& settings_;
  std::size_t connections_max_ = 0;
  IpLimit ip_limit_;
  RequestLog request_log_;
  TrustedProxies proxies_;
  FrontDoor front_door_;
  std::optional<SocketDoor> socket_door_;
  std::optional<HttpServer> server_;
};

}  // namespace tidings
