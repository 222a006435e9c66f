#include "roles/notify/gateway_handler.h"

#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "wire/gateway_call_json.h"
#include "wire/http_error.h"

namespace tidings {
namespace {

constexpr std::string_view kScheme = "Bearer ";
constexpr int kGone = 410;
constexpr int kNoContent = 204;

// Takes the same time wherever they differ.
bool same_secret(std::string_view one, std::string_view other) {
  const Sha256 first = sha256(as_bytes_of(one));
  const Sha256 second = sha256(as_bytes_of(other));
  unsigned difference = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    difference |= static_cast<unsigned>(first[i] ^ second[i]);
  }
  return difference == 0;
}

}  // namespace

HttpResponse GatewayHandler::problem(const Error& error, std::string_view request_id) {
  HttpResponse response;
  response.status = http_status(error.code);
  response.content_type = "application/problem+json";
  response.body = problem_json(error, clock_.now(), request_id);
  if (error.code == ErrorCode::Unauthenticated)
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Task<HttpResponse> GatewayHandler::handle(HttpRequest request) { co_return tell(request); }

HttpResponse GatewayHandler::tell(const HttpRequest& request) {
  const auto refuse = [&](ErrorCode code) {
    return problem({code, {}, {}, {}}, request.request_id);
  };
  // The secret first: a stranger learns nothing, not even what there is.
  const std::string_view authorization = request.header("authorization");
  if (!authorization.starts_with(kScheme) ||
      !same_secret(authorization.substr(kScheme.size()), secret_))
    return refuse(ErrorCode::Unauthenticated);
  if (request.path != kTellPath) return refuse(ErrorCode::UnknownRoute);
  if (request.method != HttpMethod::Post) {
    HttpResponse response = refuse(ErrorCode::MethodNotAllowed);
    response.headers.emplace_back("Allow", "POST");
    return response;
  }
  const auto call = decode_gateway_call(request.body);
  if (!call) return problem(call.error(), request.request_id);

  HttpResponse response;
  response.status = call->incarnation == gateway_.self().incarnation ? kNoContent : kGone;
  response.content_type = {};
  if (response.status == kGone) return response;
  for (const GatewayCall::Changed& changed : call->changed) {
    gateway_.changed(changed.group, changed.users);
  }
  if (!call->recheck.empty()) gateway_.recheck(call->recheck);
  return response;
}

}  // namespace tidings
