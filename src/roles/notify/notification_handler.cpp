#include "roles/notify/notification_handler.h"

#include <algorithm>
#include <random>
#include <string_view>
#include <utility>
#include <variant>

#include "base/task_group.h"
#include "roles/notify/deadline.h"
#include "wire/http_error.h"
#include "wire/notification_json.h"

namespace tidings {
namespace {

constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kUnauthenticated = 4401;

constexpr std::size_t kShownParameterBytesMax = 64;

constexpr milliseconds kReconnectSoon{1'000};
// Clients of a server that drains come back spread over this time.
constexpr std::int64_t kReconnectMsMin = 200;
constexpr std::int64_t kReconnectMsMax = 5'000;

milliseconds some_time() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(std::uniform_int_distribution(kReconnectMsMin, kReconnectMsMax)(random));
}

// The token of "Bearer …"; nothing when there is no such header, empty when it is another scheme.
std::optional<std::string> bearer_token(const HttpRequest& request) {
  const std::string_view header = request.header("authorization");
  if (header.empty()) return std::nullopt;
  constexpr std::string_view kScheme = "bearer ";
  const bool is_bearer =
      header.size() > kScheme.size() &&
      std::ranges::equal(header.substr(0, kScheme.size()), kScheme, {}, [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
  return std::string(is_bearer ? header.substr(kScheme.size()) : std::string_view());
}

Task<void> say_bye(WebSocket& socket, std::uint16_t code, std::string_view reason,
                   milliseconds reconnect_after) {
  auto writing = socket.write(encode_bye(reason, reconnect_after));
  co_await std::move(writing);
  socket.close(code, reason);
}

// What the gateway sees of a socket.
class SocketSubscriber final : public Subscriber {
 public:
  explicit SocketSubscriber(WebSocket& socket) : socket_(socket) {}

  Task<void> changed(std::uint64_t n, Time time, std::vector<GroupId> groups) override {
    auto writing = socket_.write(encode_changed(n, time, groups));
    co_await std::move(writing);
  }
  Task<void> recheck() override {
    auto writing = socket_.write(encode_recheck());
    co_await std::move(writing);
  }
  Task<void> session_ended() override {
    return say_bye(socket_, kUnauthenticated, "session-ended", kReconnectSoon);
  }

 private:
  WebSocket& socket_;
};

}  // namespace

NotificationHandler::NotificationHandler(Authenticate authenticate, Gateway& gateway,
                                         const Clock& clock)
    : NotificationHandler(std::move(authenticate), gateway, clock, Config{}) {}

NotificationHandler::NotificationHandler(Authenticate authenticate, Gateway& gateway,
                                         const Clock& clock, Config config)
    : authenticate_(std::move(authenticate)),
      gateway_(gateway),
      clock_(clock),
      config_(std::move(config)) {}

bool NotificationHandler::is_foreign(const HttpRequest& request) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return false;  // not a browser
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && origin.substr(scheme.size()) == request.header("host")) {
      return false;
    }
  }
  return std::ranges::find(config_.allowed_origins, origin) == config_.allowed_origins.end();
}

Result<void> NotificationHandler::check(const HttpRequest& request) const {
  if (is_foreign(request)) {
    return fail(ErrorCode::Forbidden, "Pages of this origin may not connect.");
  }
  if (request.query.empty()) return {};
  std::string parameter = request.query.substr(0, request.query.find_first_of("=&"));
  if (parameter.size() > kShownParameterBytesMax) parameter = "query";
  // A token that stands in an address ends in the logs of every proxy.
  return fail_field(std::move(parameter),
                    "There is no such parameter. A token goes into the header Authorization or "
                    "into the first frame.");
}

Task<std::optional<HttpResponse>> NotificationHandler::accept(const HttpRequest& request) {
  const auto checked = check(request);
  if (checked) co_return std::nullopt;
  const Error& error = checked.error();
  HttpResponse response;
  response.status = http_status(error.code);
  response.content_type = "application/problem+json";
  response.body = problem_json(error, clock_.now(), request.request_id);
  co_return response;
}

Task<void> NotificationHandler::run(WebSocket& socket, HttpRequest request) {
  auto token = bearer_token(request);
  request = {};  // an idle socket holds no request
  if (!token) {
    auto reading = read_token(socket);
    token = co_await std::move(reading);
  }
  if (!token) co_return;
  auto authenticating = authenticate(socket, *std::exchange(token, std::nullopt));
  auto caller = co_await std::move(authenticating);
  if (!caller) co_return;
  auto serving = serve(socket, *std::exchange(caller, std::nullopt));
  co_await std::move(serving);
}

Task<void> NotificationHandler::say_goodbye(WebSocket& socket) {
  return say_bye(socket, kGoingAway, "drain", some_time());
}

// The first frame; nothing when it did not come in time, or the client left.
Task<std::optional<std::string>> NotificationHandler::read_in_time(WebSocket& socket) {
  TaskGroup leaving("roles.notify");
  std::optional<std::string> text;
  bool was_late = false;
  {
    const Deadline late(std::chrono::steady_clock::now() + config_.auth_within, [&] {
      was_late = true;
      leaving.spawn(say_bye(socket, kUnauthenticated, "unauthenticated", kReconnectSoon));
    });
    auto reading = socket.read();
    text = co_await std::move(reading);
  }
  co_await leaving.join();
  if (was_late) co_return std::nullopt;
  co_return text;
}

// Nothing when the socket was closed: by the client, or because it did not say who it is.
Task<std::optional<std::string>> NotificationHandler::read_token(WebSocket& socket) {
  auto reading = read_in_time(socket);
  const auto text = co_await std::move(reading);
  if (!text) co_return std::nullopt;
  const auto frame = decode_client_frame(*text);
  if (frame && std::holds_alternative<AuthFrame>(*frame)) {
    co_return std::get<AuthFrame>(*frame).access_token;
  }
  const std::uint16_t code = frame ? kUnauthenticated : kPolicyViolation;
  auto leaving =
      say_bye(socket, code, frame ? "unauthenticated" : "protocol-error", kReconnectSoon);
  co_await std::move(leaving);
  co_return std::nullopt;
}

Task<std::optional<Caller>> NotificationHandler::authenticate(WebSocket& socket,
                                                              std::string token) {
  auto asking = authenticate_(std::move(token));
  auto caller = co_await std::move(asking);
  if (caller) co_return std::move(*caller);
  const bool unknown = caller.error().code == ErrorCode::Unavailable;
  auto leaving =
      unknown ? say_bye(socket, kGoingAway, "unavailable", some_time())
              : say_bye(socket, kUnauthenticated, code_name(caller.error().code), kReconnectSoon);
  co_await std::move(leaving);
  co_return std::nullopt;
}

Task<void> NotificationHandler::serve(WebSocket& socket, Caller caller) {
  SocketSubscriber subscriber(socket);
  auto opening = gateway_.open(std::move(caller), subscriber);
  auto connection = co_await std::move(opening);
  if (!connection) {
    auto leaving = say_bye(socket, kUnauthenticated, "session-ended", kReconnectSoon);
    co_await std::move(leaving);
    co_return;
  }
  auto listening = listen(socket, *connection);
  co_await std::move(listening);
  auto closing = gateway_.close(std::move(*connection));
  co_await std::move(closing);
}

Task<void> NotificationHandler::listen(WebSocket& socket, Gateway::ConnectionRef connection) {
  {
    auto writing = socket.write(encode_hello(Uuid::v4(), gateway_.poll_interval(), clock_.now()));
    co_await std::move(writing);
  }
  gateway_.begin(connection);
  bool speaks_properly = true;
  while (true) {
    auto reading = socket.read();
    const auto text = co_await std::move(reading);
    if (!text) co_return;
    if (!speaks_properly) continue;  // until the close is answered
    const auto frame = decode_client_frame(*text);
    const AckFrame* const ack = frame ? std::get_if<AckFrame>(&*frame) : nullptr;
    if (ack != nullptr && gateway_.acked(connection, ack->n)) continue;
    speaks_properly = false;
    auto leaving = say_bye(socket, kPolicyViolation, "protocol-error", kReconnectSoon);
    co_await std::move(leaving);
  }
}

}  // namespace tidings
