#include "roles/api/answer.h"

#include <xxhash.h>

#include <array>

#include "base/bytes.h"
#include "wire/http_error.h"

namespace tidings {
namespace {

// Whether a list of entity tags names this one; weak ones are compared by their bytes too.
bool names_tag(std::string_view list, std::string_view tag) {
  return list == "*" || list.find(tag) != std::string_view::npos;
}

std::string tag_of(std::string_view body) {
  const XXH64_hash_t hash = XXH3_64bits(body.data(), body.size());
  std::array<std::uint8_t, sizeof hash> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  }
  return '"' + to_hex(bytes) + '"';
}

}  // namespace

HttpResponse json_answer(int status, std::string body) {
  return {status, "application/json", {}, std::move(body)};
}

HttpResponse empty_answer(int status) { return {status, {}, {}, {}}; }

HttpResponse problem_answer(const Error& error, Time now, std::string_view request_id) {
  HttpResponse answer{http_status(error.code),
                      "application/problem+json",
                      {},
                      problem_json(error, now, request_id)};
  if (answer.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (const auto wait = retry_after_of(error)) {
    answer.headers.emplace_back("Retry-After", std::to_string(wait->count()));
  }
  return answer;
}

void add_allowance(HttpResponse& answer, const Allowance& allowance) {
  const ThrottlePolicy& policy = allowance.policy;
  const std::string name = '"' + std::string(policy.name) + '"';
  answer.headers.emplace_back(
      "RateLimit-Policy",
      name + ";q=" + std::to_string(policy.burst) + ";w=" + std::to_string(policy.window.count()));
  const auto full_in = std::chrono::ceil<seconds>(allowance.full_in);
  answer.headers.emplace_back("RateLimit", name + ";r=" + std::to_string(allowance.remaining) +
                                               ";t=" + std::to_string(full_in.count()));
}

HttpResponse cached_answer(HttpResponse answer, std::string_view if_none_match) {
  auto tag = tag_of(answer.body);
  if (names_tag(if_none_match, tag)) answer = empty_answer(304);
  answer.headers.emplace_back("ETag", std::move(tag));
  answer.headers.emplace_back("Cache-Control", "private, no-cache");
  return answer;
}

}  // namespace tidings
