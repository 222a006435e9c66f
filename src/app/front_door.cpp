#include "app/front_door.h"

#include <utility>

#include "roles/notify/notification_handler.h"

namespace tidings {
namespace {

constexpr int kSwitchingProtocols = 101;

std::chrono::microseconds since(Instant received, const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic() - received);
}

}  // namespace

Task<HttpResponse> FrontDoor::handle(HttpRequest request) {
  const HttpMethod method = request.method;
  const std::string request_id = request.request_id;
  const Instant received = request.received;
  request.remote_ip = proxies_.client_of(request);
  HttpResponse response;
  if (auto allowed = limit_.take(request.remote_ip); !allowed) {
    response = inside_.problem(allowed.error(), request_id);
  } else {
    auto handling = inside_.handle(std::move(request));
    response = co_await std::move(handling);
  }
  log_.add({method, response.route, request_id, response.status, since(received, clock_)});
  co_return response;
}

HttpResponse FrontDoor::problem(const Error& error, std::string_view request_id) {
  HttpResponse response = inside_.problem(error, request_id);
  log_.add({HttpMethod::Other, "", request_id, response.status, std::chrono::microseconds(0)});
  return response;
}

Task<std::optional<HttpResponse>> SocketDoor::accept(const HttpRequest& request) {
  std::optional<HttpResponse> refusal;
  if (auto allowed = limit_.take(proxies_.client_of(request)); !allowed) {
    refusal = problems_.problem(allowed.error(), request.request_id);
  } else {
    auto judging = inside_.accept(request);
    refusal = co_await std::move(judging);
  }
  log_.add({request.method, kNotificationsPath, request.request_id,
            refusal ? refusal->status : kSwitchingProtocols, since(request.received, clock_)});
  co_return refusal;
}

Task<void> SocketDoor::run(WebSocket& socket, HttpRequest request) {
  return inside_.run(socket, std::move(request));
}

Task<void> SocketDoor::say_goodbye(WebSocket& socket) { return inside_.say_goodbye(socket); }

}  // namespace tidings
