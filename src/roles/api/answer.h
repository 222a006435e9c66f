#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_message.h"
#include "ports/throttle.h"

namespace tidings {

HttpResponse json_answer(int status, std::string body);
HttpResponse empty_answer(int status);

// An error as RFC 9457, with the headers that belong to it: WWW-Authenticate, Retry-After.
HttpResponse problem_answer(const Error& error, Time now, std::string_view request_id);

// Says which bucket paid, how large it is and what it holds now: RateLimit-Policy and RateLimit.
void add_allowance(HttpResponse& answer, const Allowance& allowance);

// Gives the answer an ETag of its bytes. A client that has those already (`if_none_match` as its
// header says) is told so with a 304 instead.
HttpResponse cached_answer(HttpResponse answer, std::string_view if_none_match);

}  // namespace tidings
