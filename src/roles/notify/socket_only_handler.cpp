#include "roles/notify/socket_only_handler.h"

#include "roles/notify/notification_handler.h"
#include "wire/http_error.h"

namespace tidings {
HttpResponse SocketOnlyHandler::problem(const Error& error, std::string_view request_id) {
  HttpResponse response;
  response.status = http_status(error.code);
  response.content_type = "application/problem+json";
  response.body = problem_json(error, clock_.now(), request_id);
  return response;
}

Task<HttpResponse> SocketOnlyHandler::handle(HttpRequest request) {
  if (request.path != kNotificationsPath) {
    const Error error{ErrorCode::UnknownRoute, "Only notifications are at this address.", {}, {}};
    co_return problem(error, request.request_id);
  }
  const Error error{ErrorCode::MethodNotAllowed, "This address takes GET.", {}, {}};
  HttpResponse response = problem(error, request.request_id);
  response.headers.emplace_back("Allow", "GET");
  co_return response;
}

}  // namespace tidings
