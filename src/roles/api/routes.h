#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"
#include "roles/api/call.h"

namespace tidings {

enum class Access : std::uint8_t { Anyone, Caller, Admin };

// Which bucket pays for a call. A send pays for itself, by its targets.
enum class Charge : std::uint8_t { Nothing, Read, Write };

struct Route {
  HttpMethod method;
  std::string_view path;  // "/v1/groups/{id}", as in openapi.yaml
  Endpoint endpoint;
  Access access = Access::Caller;
  Charge charge = Charge::Read;
  bool has_body = false;
  std::span<const std::string_view> query = {};  // the parameters that it knows
};

std::span<const Route> route_table();

std::string_view method_name(HttpMethod method);  // "GET"

struct RouteMatch {
  const Route* route = nullptr;  // null: none
  std::array<std::string, kPathParametersMax> parameters;
  std::string allowed;  // when the path is known but the method is not: "GET, HEAD, PUT"
};

// HEAD is routed as GET is.
RouteMatch find_route(HttpMethod method, std::string_view encoded_path);

}  // namespace tidings
