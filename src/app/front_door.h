#pragma once

#include "app/client_address.h"
#include "app/ip_limit.h"
#include "app/request_log.h"
#include "base/clock.h"
#include "net/http_server.h"

namespace tidings {

// What every request passes on its way to the API and back: whose address it comes from, the limit
// of that address, then the counters and the log. Safe from any thread.
class FrontDoor final : public HttpHandler {
 public:
  FrontDoor(HttpHandler& inside, const TrustedProxies& proxies, IpLimit& limit, RequestLog& log,
            const Clock& clock)
      : inside_(inside), proxies_(proxies), limit_(limit), log_(log), clock_(clock) {}

  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  HttpHandler& inside_;
  const TrustedProxies& proxies_;
  IpLimit& limit_;
  RequestLog& log_;
  const Clock& clock_;
};

// The same for WebSockets.
class SocketDoor final : public WebSocketHandler {
 public:
  SocketDoor(WebSocketHandler& inside, HttpHandler& problems, const TrustedProxies& proxies,
             IpLimit& limit, RequestLog& log, const Clock& clock)
      : inside_(inside),
        problems_(problems),
        proxies_(proxies),
        limit_(limit),
        log_(log),
        clock_(clock) {}

  Task<std::optional<HttpResponse>> accept(const HttpRequest& request) override;
  Task<void> run(WebSocket& socket, HttpRequest request) override;
  Task<void> say_goodbye(WebSocket& socket) override;

 private:
  WebSocketHandler& inside_;
  HttpHandler& problems_;
  const TrustedProxies& proxies_;
  IpLimit& limit_;
  RequestLog& log_;
  const Clock& clock_;
};

}  // namespace tidings
