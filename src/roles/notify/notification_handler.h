#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/gateway.h"
#include "model/user.h"
#include "net/http_server.h"

namespace tidings {

// Where clients find the notification sockets.
inline constexpr std::string_view kNotificationsPath = "/v1/notifications";

// Speaks the sub-protocol tidings.v1 with each notification socket: who it is, hello, and then what
// the gateway has to say, until one side leaves.
//
//   1001  the server drains, or can't tell who it is now    4401  no, bad or ended authentication
//   1008  a frame that is not of the protocol
//
// `net` closes 1002, 1003, 1007 and 1009 by itself: see net/web_socket.h.
class NotificationHandler final : public WebSocketHandler {
 public:
  // Who calls with this token, as `Sessions::authenticate` says.
  using Authenticate = std::function<Task<Result<Caller>>(std::string token)>;
  struct Config {
    // Web pages from other places than this server that may connect: "https://chat.example.org".
    std::vector<std::string> allowed_origins;
    milliseconds auth_within{5'000};  // for the first frame of those who sent no Authorization
  };

  NotificationHandler(Authenticate authenticate, Gateway& gateway, const Clock& clock);
  NotificationHandler(Authenticate authenticate, Gateway& gateway, const Clock& clock,
                      Config config);

  // Refuses a foreign Origin with 403, and any parameter with 400. Authentication is judged on the
  // open socket, since a browser can only see why it was closed there.
  Task<std::optional<HttpResponse>> accept(const HttpRequest& request) override;
  Task<void> run(WebSocket& socket, HttpRequest request) override;
  Task<void> say_goodbye(WebSocket& socket) override;

 private:
  bool is_foreign(const HttpRequest& request) const;
  Result<void> check(const HttpRequest& request) const;
  Task<std::optional<Caller>> authenticate(WebSocket& socket, std::string token);
  Task<std::optional<std::string>> read_token(WebSocket& socket);
  Task<std::optional<std::string>> read_in_time(WebSocket& socket);
  Task<void> serve(WebSocket& socket, Caller caller);
  Task<void> listen(WebSocket& socket, Gateway::ConnectionRef connection);

  Authenticate authenticate_;
  Gateway& gateway_;
  const Clock& clock_;
  Config config_;
};

}  // namespace tidings
