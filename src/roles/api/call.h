#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"
#include "model/user.h"
#include "net/http_message.h"
#include "ports/throttle.h"
#include "roles/api/api_core.h"
#include "roles/api/query.h"

namespace tidings {

inline constexpr std::size_t kPathParametersMax = 2;

// One call, as its endpoint sees it: routed, its caller known, its throttle paid.
struct Call {
  HttpRequest request;
  std::array<std::string, kPathParametersMax> parameters;  // of the path, decoded, in its order
  Query query;                                             // holds parameters of the route only
  Caller caller;                                           // of a route for callers
  // What the bucket holds that paid. An endpoint that charges by itself says so here.
  std::optional<Allowance>* bucket = nullptr;
};

// Decodes, calls one core class, encodes. An error becomes a problem.
using Endpoint = Task<Result<HttpResponse>> (*)(const ApiCore& core, Call call);

// Reads a parameter of the path. What is no id or name is unknown, as an id that nobody has is.
Result<GroupId> group_parameter(const Call& call, std::size_t index);      // UnknownGroup
Result<MessageId> message_parameter(const Call& call, std::size_t index);  // UnknownMessage
Result<SessionId> session_parameter(const Call& call, std::size_t index);  // UnknownSession
Result<std::string> name_parameter(const Call& call, std::size_t index);   // UnknownUser

}  // namespace tidings
