#include "app/api_client.h"

#include <algorithm>
#include <charconv>

#include "wire/http_error.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr seconds kCallTime{10};
constexpr seconds kRenewBefore{30};

Instant in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

HttpClient::Config config_of(const ServerUrl& url, std::string ca) {
  HttpClient::Config config;
  config.host = url.host;
  config.port = url.port;
  config.tls = url.tls;
  config.ca_path = std::move(ca);
  config.idle_max = 16;
  return config;
}

Error error_of(const HttpReply& reply) {
  Error error{ErrorCode::Unavailable,
              "The server answered with status " + std::to_string(reply.status) + '.',
              {},
              {}};
  const auto document = JsonDocument::parse(reply.body);
  if (!document) return error;
  const JsonValue problem = document->root();
  if (const auto code = code_of_name(text_at(problem, "code"))) error.code = *code;
  error.detail = text_at(problem, "detail");
  if (error.detail.empty()) error.detail = text_at(problem, "title") + '.';
  if (const auto fields = problem.find("errors")) {
    for (const JsonValue field : *fields)
      error.fields.push_back({text_at(field, "field"), text_at(field, "message")});
  }
  error.retry_after = milliseconds(number_at(problem, "retry_after_ms"));
  return error;
}

}  // namespace

Result<ServerUrl> parse_server_url(std::string_view url) {
  const auto wrong = [&] {
    return fail(ErrorCode::InvalidRequest,
                "The server must be a URL such as http://127.0.0.1:7400 or https://chat.example, "
                "not \"" +
                    std::string(url) + "\"");
  };
  ServerUrl parsed;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    parsed.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return wrong();
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  parsed.port = parsed.tls ? 443 : 80;
  const auto bracket = rest.rfind(']');
  const auto colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (has_port) {
    const std::string_view digits = rest.substr(colon + 1);
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, parsed.port);
    if (digits.empty() || read.ec != std::errc() || read.ptr != end) return wrong();
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty() || rest.contains('/')) return wrong();
  parsed.host = std::string(rest);
  return parsed;
}

std::string text_at(JsonValue object, std::string_view key) {
  const auto value = object.find(key);
  return value && value->is(JsonType::Text) ? std::string(value->text()) : std::string();
}

std::uint64_t number_at(JsonValue object, std::string_view key) {
  const auto value = object.find(key);
  std::uint64_t number = 0;
  if (value && value->is(JsonType::Number)) {
    const std::string_view digits = value->text();
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
  }
  return number;
}

bool is_true_at(JsonValue object, std::string_view key) {
  const auto value = object.find(key);
  return value && value->is(JsonType::True);
}

std::optional<Time> time_at(JsonValue object, std::string_view key) {
  return parse_time(text_at(object, key));
}

ApiClient::ApiClient(AsioLoop& loop, ServerUrl url, std::string ca, const ClientStateFile& file,
                     ClientState state, std::string key)
    : url_(url),
      http_(loop, config_of(url, std::move(ca))),
      file_(file),
      state_(std::move(state)),
      key_(std::move(key)) {}

Result<ApiAnswer> ApiClient::read(HttpReply reply) {
  if (reply.status >= 400) return std::unexpected(error_of(reply));
  auto body = std::make_unique<std::string>(std::move(reply.body));
  if (body->empty()) *body = "{}";
  auto document = JsonDocument::parse(*body);
  if (!document)
    return fail(ErrorCode::Unavailable, "What answered there is not a Tidings server.");
  return ApiAnswer(reply.status, std::move(body), std::move(*document));
}

Task<Result<ApiAnswer>> ApiClient::exchange(HttpClient::Call call, Instant deadline) {
  if (!call.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  const Time before = SystemClock().now();
  auto calling = http_.call(std::move(call), deadline);
  auto reply = co_await std::move(calling);
  if (!reply) co_return forward(std::move(reply));
  const Time after = SystemClock().now();
  auto answer = read(std::move(*reply));
  if (!answer) co_return answer;
  // A slow answer says little about the clock.
  if (const auto told = time_at(answer->root(), "server_time");
      told && after - before < seconds(2)) {
    state_.clock_offset = *told - (before + (after - before) / 2);
    knows_clock_ = true;
  }
  co_return answer;
}

Task<Result<ApiAnswer>> ApiClient::call(std::string method, std::string target, std::string body,
                                        Instant deadline) {
  for (int attempt = 0;; ++attempt) {
    auto getting = token(deadline);
    const auto bearer = co_await std::move(getting);
    if (!bearer) co_return forward(bearer);
    HttpClient::Call call{method, target, {{"Authorization", "Bearer " + *bearer}}, body};
    auto exchanging = exchange(std::move(call), deadline);
    auto answer = co_await std::move(exchanging);
    const bool is_refused = !answer && (answer.error().code == ErrorCode::TokenExpired ||
                                        answer.error().code == ErrorCode::Unauthenticated);
    if (!is_refused || attempt > 0 || !drop(*bearer)) co_return answer;
  }
}

Task<Result<ApiAnswer>> ApiClient::get(std::string target) {
  return call("GET", std::move(target), {}, in(kCallTime));
}

Task<Result<std::string>> ApiClient::token(Instant deadline) {
  if (!key_.empty()) co_return key_;
  while (is_refreshing_) co_await sleep_until(in(milliseconds(20)));
  if (state_.expires_at - server_now() < kRenewBefore) {
    is_refreshing_ = true;
    auto refreshing = refresh(deadline);
    const auto refreshed = co_await std::move(refreshing);
    is_refreshing_ = false;
    if (!refreshed) co_return forward(refreshed);
  }
  co_return state_.access_token;
}

bool ApiClient::drop(const std::string& token) {
  if (!key_.empty()) return false;
  // Another call may have renewed it already.
  if (token == state_.access_token) state_.expires_at = Time();
  return true;
}

// Another run may have refreshed meanwhile: what stands in the file counts.
Task<Result<void>> ApiClient::refresh(Instant deadline) {
  const ClientStateFile::Lock lock(file_);
  if (const auto stored = file_.load();
      stored && stored->refresh_token != state_.refresh_token && stored->user == state_.user) {
    state_.access_token = stored->access_token;
    state_.refresh_token = stored->refresh_token;
    state_.expires_at = stored->expires_at;
    if (state_.expires_at - server_now() >= kRenewBefore) co_return {};
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("refresh_token").text(state_.refresh_token).end_object();
  HttpClient::Call call{"POST", "/v1/sessions/refresh", {}, std::move(body)};
  auto exchanging = exchange(std::move(call), deadline);
  const auto answer = co_await std::move(exchanging);
  if (!answer) {
    if (answer.error().code != ErrorCode::Unauthenticated) co_return forward(answer);
    co_return fail(ErrorCode::Unauthenticated,
                   "This session has ended. Sign in again: tidings "
                   "client login " +
                       state_.name);
  }
  const auto session = answer->root().find("session");
  if (!session) co_return fail(ErrorCode::Unavailable, "The server's answer can't be read.");
  state_.access_token = text_at(*session, "access_token");
  state_.refresh_token = text_at(*session, "refresh_token");
  state_.expires_at = time_at(*session, "expires_at").value_or(Time());
  co_return file_.save(state_);
}

Task<Result<UserId>> ApiClient::user() {
  if (key_.empty()) {
    if (const auto id = UserId::parse(state_.user)) co_return *id;
  }
  auto asking = get("/v1/me");
  const auto answer = co_await std::move(asking);
  if (!answer) co_return forward(answer);
  const auto id = UserId::parse(text_at(answer->root(), "id"));
  if (!id) co_return fail(ErrorCode::Unavailable, "The server's answer can't be read.");
  co_return *id;
}

Task<Result<GroupId>> ApiClient::group_of(std::string to) {
  if (!to.starts_with('@')) {
    if (const auto id = GroupId::parse(to)) co_return *id;
    co_return fail(ErrorCode::InvalidRequest, "\"" + to +
                                                  "\" is neither @name nor the id of a "
                                                  "group; `tidings client status` lists "
                                                  "them");
  }
  auto asking = get("/v1/users/" + to);
  const auto answer = co_await std::move(asking);
  if (!answer && answer.error().code == ErrorCode::UnknownUser)
    co_return fail(ErrorCode::UnknownUser, "There is nobody called " + to + '.');
  if (!answer) co_return forward(answer);
  const auto other = UserId::parse(text_at(answer->root(), "id"));
  if (!other) co_return fail(ErrorCode::Unavailable, "The server's answer can't be read.");
  auto learning = user();
  const auto self = co_await std::move(learning);
  if (!self) co_return forward(self);
  co_return direct_group_id(*self, *other);
}

Time ApiClient::server_now() const { return SystemClock().now() + state_.clock_offset; }

Task<void> ApiClient::learn_clock() {
  if (knows_clock_) co_return;
  auto asking = call("GET", "/v1/status?limit=1", {}, in(seconds(2)));
  co_await std::move(asking);
}

Result<MessageId> ApiClient::mint(UserId author) {
  if (!key_.empty()) return MessageId::mint(server_now(), author);
  const ClientStateFile::Lock lock(file_);
  if (const auto stored = file_.load(); stored && stored->user == state_.user) {
    state_.last_sent_at = std::max(state_.last_sent_at, stored->last_sent_at);
    state_.access_token = stored->access_token;
    state_.refresh_token = stored->refresh_token;
    state_.expires_at = stored->expires_at;
  }
  state_.last_sent_at = std::max(server_now(), state_.last_sent_at + milliseconds(1));
  if (auto saved = file_.save(state_); !saved) return forward(std::move(saved));
  return MessageId::mint(state_.last_sent_at, author);
}

}  // namespace tidings
