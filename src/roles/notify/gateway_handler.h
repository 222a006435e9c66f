#pragma once

#include <string>

#include "base/clock.h"
#include "core/gateway.h"
#include "net/http_server.h"

namespace tidings {

// Where other notification workers say whom the gateway of this process is to tell. Served on the
// internal listener only.
//
//   POST /v1/tell   Authorization: Bearer <internal-secret>
//                   wire/gateway_call_json.h
//     204  everybody who is named and connected here is flagged: what to say to them is
//          remembered, and they hear of it
//     400  not such a call
//     401  not our secret
//     410  another life of this gateway was meant, which holds nobody any more
//
// Safe from any thread.
class GatewayHandler final : public HttpHandler {
 public:
  GatewayHandler(Gateway& gateway, std::string secret, const Clock& clock)
      : gateway_(gateway), secret_(std::move(secret)), clock_(clock) {}

  Task<HttpResponse> handle(HttpRequest request) override;
  HttpResponse problem(const Error& error, std::string_view request_id) override;

 private:
  HttpResponse tell(const HttpRequest& request);

  Gateway& gateway_;
  const std::string secret_;
  const Clock& clock_;
};

inline constexpr const char* kTellPath = "/v1/tell";

}  // namespace tidings
