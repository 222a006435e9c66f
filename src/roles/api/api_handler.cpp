#include "roles/api/api_handler.h"

#include <algorithm>
#include <optional>

#include "core/policies.h"
#include "roles/api/answer.h"

namespace tidings {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_word(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// "application/json", with no other charset than UTF-8. A client that says nothing means JSON.
bool is_json(std::string_view content_type) {
  if (content_type.empty()) return true;
  const auto type = content_type.substr(0, content_type.find(';'));
  if (!same_word(trimmed(type), "application/json")) return false;
  if (type.size() == content_type.size()) return true;
  const auto parameter = trimmed(content_type.substr(type.size() + 1));
  return parameter.empty() || same_word(parameter, "charset=utf-8") ||
         same_word(parameter, "charset=\"utf-8\"");
}

// The token of "Bearer …"; empty for anything else.
std::string_view bearer_token(std::string_view authorization) {
  const auto scheme = authorization.substr(0, authorization.find(' '));
  if (!same_word(scheme, "Bearer")) return {};
  return trimmed(authorization.substr(scheme.size()));
}

Error error_of(const RouteMatch& match) {
  if (match.allowed.empty()) {
    return {ErrorCode::UnknownRoute, "There is nothing at this address.", {}, {}};
  }
  return {ErrorCode::MethodNotAllowed, "This address takes " + match.allowed + ".", {}, {}};
}

std::optional<ThrottlePolicy> policy_of(const Route& route, const Caller& caller) {
  if (route.charge == Charge::Read) return read_policy(caller);
  if (route.charge == Charge::Write) return write_policy(caller);
  return std::nullopt;
}

}  // namespace

HttpResponse ApiHandler::problem(const Error& error, std::string_view request_id) {
  return problem_answer(error, core_.clock.now(), request_id);
}

Task<HttpResponse> ApiHandler::handle(HttpRequest request) {
  RouteMatch match = find_route(request.method, request.path);
  if (match.route == nullptr) {
    HttpResponse answer = problem(error_of(match), request.request_id);
    if (!match.allowed.empty()) answer.headers.emplace_back("Allow", std::move(match.allowed));
    co_return answer;
  }
  const std::string_view route = match.route->path;
  auto serving = serve(std::move(match), std::move(request));
  HttpResponse answer = co_await std::move(serving);
  answer.route = route;
  co_return answer;
}

Task<HttpResponse> ApiHandler::serve(RouteMatch match, HttpRequest request) {
  const Route& route = *match.route;
  const std::string request_id = request.request_id;

  Caller caller;
  std::optional<Allowance> allowance;
  if (route.access != Access::Anyone) {
    auto authenticating = authenticate(std::string(request.header("authorization")));
    auto authenticated = co_await std::move(authenticating);
    if (!authenticated) co_return problem(authenticated.error(), request_id);
    caller = std::move(*authenticated);
  }
  if (const auto policy = policy_of(route, caller)) {
    auto taking = core_.throttle.take(caller.user, *policy, 1);
    const auto taken = co_await std::move(taking);
    if (!taken) {
      HttpResponse refusal = problem(taken.error(), request_id);
      if (const auto left = left_by(taken.error(), 1, caller)) add_allowance(refusal, *left);
      co_return refusal;
    }
    allowance = *taken;
  }

  HttpResponse answer;
  if (route.access == Access::Admin && !caller.admin) {
    const Error error{ErrorCode::Forbidden, "Only accounts with the admin role may.", {}, {}};
    answer = problem(error, request_id);
  } else if (route.has_body && !is_json(request.header("content-type"))) {
    const Error error{ErrorCode::UnsupportedMediaType, "Send application/json in UTF-8.", {}, {}};
    answer = problem(error, request_id);
  } else {
    Query query(request.query, route.query);
    Call call{std::move(request), std::move(match.parameters), std::move(query), caller,
              &allowance};
    auto calling = route.endpoint(core_, std::move(call));
    auto result = co_await std::move(calling);
    answer = result ? std::move(*result) : problem(result.error(), request_id);
    // A bucket that refused later says more than the one that had paid for the call.
    if (!result && (!allowance || allowance->policy.name != result.error().refused_by)) {
      if (const auto left = left_by(result.error(), 1, caller)) allowance = left;
    }
  }
  if (allowance) add_allowance(answer, *allowance);
  co_return answer;
}

Task<Result<Caller>> ApiHandler::authenticate(std::string authorization) {
  const auto token = bearer_token(authorization);
  if (token.empty()) {
    co_return fail(ErrorCode::Unauthenticated, "Send the header Authorization: Bearer <token>.");
  }
  auto authenticating = core_.sessions.authenticate(std::string(token));
  co_return co_await std::move(authenticating);
}

}  // namespace tidings
