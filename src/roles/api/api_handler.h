#pragma once

#include <string>
#include <string_view>

#include "net/http_server.h"
#include "roles/api/api_core.h"
#include "roles/api/routes.h"

namespace tidings {

// The API over HTTP: finds the endpoint of a request, who is calling, takes what it costs from
// their bucket, and turns what comes back into an answer. Nothing here decides about chat.
//
// Safe from any thread.
class ApiHandler final : public HttpHandler {
 public:
  explicit ApiHandler(const ApiCore& core) : core_(core) {}

  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  Task<HttpResponse> serve(RouteMatch match, HttpRequest request);
  Task<Result<Caller>> authenticate(std::string authorization);

  ApiCore core_;
};

}  // namespace tidings
