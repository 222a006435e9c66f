#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "wire/json_writer.h"

namespace tidings {

// What an ErrorCode is to an HTTP client. The one place that knows.
int http_status(ErrorCode code);
// A few words, the same for every occurrence: "Too many requests".
std::string_view problem_title(ErrorCode code);

// The value of Retry-After in whole seconds, rounded up, at least 1: for errors that advise when to
// return, and always for Unavailable.
std::optional<seconds> retry_after_of(const Error& error);

// The code of a problem's name ("too-large"), for the pages that explain them.
std::optional<ErrorCode> code_of_name(std::string_view name);

// RFC 9457, for the whole answer: type, title, status, code, detail, errors, retry_after_ms,
// server_time, request_id. An error without detail has the one of its code, if there is one.
std::string problem_json(const Error& error, Time now, std::string_view request_id);
// The same for the operator of the server, who is told what broke inside as well.
std::string problem_json_for_operator(const Error& error, Time now, std::string_view request_id);

// The same for one item of an answer that holds several: without time and request, which the answer
// around it has.
void append_problem(JsonWriter& json, const Error& error);

}  // namespace tidings
