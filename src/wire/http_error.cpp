#include "wire/http_error.h"

#include <array>

namespace tidings {
namespace {

struct Problem {
  int status;
  std::string_view title;
  std::string_view advice = {};  // the detail of an error that says nothing nearer
};

// In the order of ErrorCode. What does not exist and what is not shown are told apart by no word.
constexpr std::array<Problem, kErrorCodeCount> kProblems = {{
    {400, "Invalid request"},
    {400, "Invalid cursor"},
    {401, "Not authenticated", "This is no access token of this server. Sign in again."},
    {401, "Bad credentials"},
    {401, "Token expired", "Refresh the session, and repeat the call with the new token."},
    {403, "Forbidden"},
    {403, "Not accepted"},
    {403, "Not here"},
    {403, "Registration closed"},
    {404, "Unknown group", "You are in no group of this id. Check it, or forget the group."},
    {404, "Unknown user", "Nobody has this name, or the account has ended. Check the name."},
    {404, "Unknown message", "You see no message of this id here. Check it, and the group."},
    {404, "Unknown session", "You have no session of this id. List your sessions."},
    {404, "Unknown route"},
    {405, "Method not allowed"},
    {408, "Too slow"},
    {409, "Id conflict"},
    {409, "Name taken"},
    {409, "Last owner"},
    {413, "Too large"},
    {415, "Unsupported media type"},
    {422, "Clock ahead"},
    {422, "Too old"},
    {422, "Text too long"},
    {422, "Weak password"},
    {422, "Too many reactions"},
    {426, "Upgrade required"},
    {429, "Too many requests"},
    {431, "Headers too large"},
    {500, "Internal error"},
    {503, "Unavailable"},
}};

const Problem& problem_of(ErrorCode code) { return kProblems.at(static_cast<std::size_t>(code)); }

// When a client that was told nothing better should come back.
constexpr milliseconds kUnavailableRetryAfter = seconds(1);

milliseconds advice_of(const Error& error) {
  if (error.retry_after.count() > 0) return error.retry_after;
  return error.code == ErrorCode::Unavailable ? kUnavailableRetryAfter : milliseconds(0);
}

enum class Reader : std::uint8_t { Client, Operator };

void append_members(JsonWriter& json, const Error& error, Reader reader) {
  json.key("type").text("/problems/" + std::string(code_name(error.code)));
  json.key("title").text(problem_title(error.code));
  json.key("status").number(http_status(error.code));
  json.key("code").text(code_name(error.code));
  // What broke inside is in the log, under the same request id.
  const bool is_told = error.code != ErrorCode::Internal || reader == Reader::Operator;
  const std::string_view said = is_told ? std::string_view(error.detail) : std::string_view();
  const std::string_view detail = said.empty() ? problem_of(error.code).advice : said;
  if (!detail.empty()) json.key("detail").text(detail);
  if (!error.fields.empty()) {
    json.key("errors").begin_array();
    for (const FieldError& field : error.fields) {
      json.begin_object();
      json.key("field").text(field.field);
      json.key("message").text(field.message);
      json.end_object();
    }
    json.end_array();
  }
  if (const auto advice = advice_of(error); advice.count() > 0) {
    json.key("retry_after_ms").number(advice.count());
  }
}

std::string problem_for(Reader reader, const Error& error, Time now, std::string_view request_id) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  append_members(json, error, reader);
  json.key("server_time").time(now);
  json.key("request_id").text(request_id);
  json.end_object();
  return body;
}

}  // namespace

int http_status(ErrorCode code) { return problem_of(code).status; }

std::string_view problem_title(ErrorCode code) { return problem_of(code).title; }

std::optional<seconds> retry_after_of(const Error& error) {
  const auto advice = advice_of(error);
  if (advice.count() <= 0) return std::nullopt;
  return std::chrono::ceil<seconds>(advice);
}

std::optional<ErrorCode> code_of_name(std::string_view name) {
  for (int i = 0; i < kErrorCodeCount; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (code_name(code) == name) return code;
  }
  return std::nullopt;
}

std::string problem_json(const Error& error, Time now, std::string_view request_id) {
  return problem_for(Reader::Client, error, now, request_id);
}

std::string problem_json_for_operator(const Error& error, Time now, std::string_view request_id) {
  return problem_for(Reader::Operator, error, now, request_id);
}

void append_problem(JsonWriter& json, const Error& error) {
  json.begin_object();
  append_members(json, error, Reader::Client);
  json.end_object();
}

}  // namespace tidings
