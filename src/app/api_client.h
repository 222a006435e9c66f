#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/client_state.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "wire/json_reader.h"

namespace tidings {

// A server as a person names it: "https://chat.example" or "http://127.0.0.1:7400".
struct ServerUrl {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
};
// Errors: InvalidRequest
Result<ServerUrl> parse_server_url(std::string_view url);

// An answer that is no error. Its document looks at its bytes, which therefore never move.
class ApiAnswer {
 public:
  ApiAnswer(int status, std::unique_ptr<std::string> body, JsonDocument document)
      : status_(status), body_(std::move(body)), document_(std::move(document)) {}

  int status() const { return status_; }
  JsonValue root() const { return document_.root(); }

 private:
  int status_;
  std::unique_ptr<std::string> body_;
  JsonDocument document_;
};

// The text under `key`, empty when there is none.
std::string text_at(JsonValue object, std::string_view key);
// The number under `key`, 0 when there is none.
std::uint64_t number_at(JsonValue object, std::string_view key);
bool is_true_at(JsonValue object, std::string_view key);
std::optional<Time> time_at(JsonValue object, std::string_view key);

// Makes calls as one person (or service): adds the token, renews it in time and once more when it
// is refused all the same, and learns the server's clock from its answers. Used on one loop.
class ApiClient {
 public:
  // `key` is a service's; with it the tokens of `state` are not used.
  ApiClient(AsioLoop& loop, ServerUrl url, std::string ca, const ClientStateFile& file,
            ClientState state, std::string key);

  // Errors: those of the API, with its detail, fields and advice when to return;
  //         Unavailable also when there was no answer by `deadline`
  Task<Result<ApiAnswer>> call(std::string method, std::string target, std::string body,
                               Instant deadline);
  // The same within 10 s.
  Task<Result<ApiAnswer>> get(std::string target);

  // A token that is good for at least 30 s more, as far as is known here. Errors: as call
  Task<Result<std::string>> token(Instant deadline);
  // The server does not take `token`, whatever its age: it was restored from a backup or lost its
  // keys, or the session has ended. The next one is asked for anew. False with a key, for which
  // there is no other.
  bool drop(const std::string& token);

  // Who this is. Asked for once where the state does not say. Errors: as call
  Task<Result<UserId>> user();
  // The id of a group: `to` itself, or of the direct group with "@name". Errors: as call
  Task<Result<GroupId>> group_of(std::string to);

  // The server's time now, as far as this client has learned it.
  Time server_now() const;
  // Asks for it if no answer has told it yet. Without an answer what the last run learned stands.
  Task<void> learn_clock();

  // Bare; empty with a key.
  const std::string& name() const { return state_.name; }

  // The id of a message that is sent now: later than all that were sent from here before.
  // Errors: InvalidRequest (the state can't be written)
  Result<MessageId> mint(UserId author);

  const ServerUrl& url() const { return url_; }

  // An answer as JSON, or the problem that it is. Errors: as call
  static Result<ApiAnswer> read(HttpReply reply);

 private:
  Task<Result<ApiAnswer>> exchange(HttpClient::Call call, Instant deadline);
  Task<Result<void>> refresh(Instant deadline);

  ServerUrl url_;
  HttpClient http_;
  const ClientStateFile& file_;
  ClientState state_;
  std::string key_;
  bool knows_clock_ = false;
  bool is_refreshing_ = false;
};

}  // namespace tidings
