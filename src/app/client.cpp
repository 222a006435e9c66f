#include "app/client.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "app/api_client.h"
#include "app/client_import.h"
#include "app/client_state.h"
#include "app/client_tail.h"
#include "app/message_lines.h"
#include "app/terminal.h"
#include "base/log.h"
#include "model/limits.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr const char* kDefaultServer = "http://127.0.0.1:7400";

Instant in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

ExitCode complain(const Error& error) {
  std::string text = error.detail.empty() ? std::string(code_name(error.code)) : error.detail;
  for (const FieldError& field : error.fields) text += "\n  " + field.field + ": " + field.message;
  std::fprintf(stderr, "tidings: %s\n", text.c_str());
  return error.code == ErrorCode::Unavailable ? ExitCode::Unreachable : ExitCode::Failed;
}

std::string host_name() {
  char name[65] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

// Everything but `login` has somebody signed in, or a key.
class ClientRun {
 public:
  explicit ClientRun(const ClientCommand& command) : command_(command), file_(command.state) {}

  ExitCode operator()(const ClientLogin& login) {
    const std::string server = command_.server.empty() ? kDefaultServer : command_.server;
    const auto url = parse_server_url(server);
    if (!url) return complain_usage(url.error());
    const auto password =
        read_password("Password for @" + login.name + ": ", login.password_stdin, login.is_new);
    if (!password) return complain_usage(password.error());
    return loop_.run(sign_in(*url, server, login, *password));
  }

  ExitCode operator()(const ClientLogout&) {
    if (!command_.key.empty()) {
      return complain_usage({ErrorCode::InvalidRequest,
                             "a key has no session to end; without TIDINGS_KEY this signs out who "
                             "signed in here",
                             {},
                             {}});
    }
    return with_client([&](ApiClient& client) { return sign_out(client); });
  }

  ExitCode operator()(const ClientSend& send) {
    std::string text = send.text;
    if (text == "-") {
      auto read = read_stdin(kTextBytesMax);
      if (!read) return complain_usage(read.error());
      text = std::move(*read);
      if (text.ends_with('\n')) text.pop_back();
    }
    return with_client([&](ApiClient& client) { return run_send(client, send, text); });
  }

  ExitCode operator()(const ClientTail& tail) {
    return with_client(
        [&](ApiClient& client) { return run_tail(client, loop_, tail, command_.ca); });
  }

  ExitCode operator()(const ClientStatus&) {
    return with_client([&](ApiClient& client) { return show_status(client); });
  }

  ExitCode operator()(const ClientHistory& history) {
    return with_client([&](ApiClient& client) { return show_history(client, history); });
  }

  ExitCode operator()(const ClientImport& import) {
    return with_client([&](ApiClient& client) { return run_import(client, import); });
  }

 private:
  static ExitCode complain_usage(const Error& error) {
    complain(error);
    return ExitCode::Usage;
  }

  template <class Run>
  ExitCode with_client(Run run) {
    ClientState state;
    if (command_.key.empty()) {
      auto loaded = file_.load();
      if (!loaded) return complain(loaded.error());
      state = std::move(*loaded);
    }
    std::string server = command_.server.empty() ? state.server : command_.server;
    if (server.empty()) server = kDefaultServer;
    const auto url = parse_server_url(server);
    if (!url) return complain_usage(url.error());
    ApiClient client(loop_, *url, command_.ca, file_, std::move(state), command_.key);
    return loop_.run(run(client));
  }

  Task<ExitCode> sign_in(ServerUrl url, std::string server, ClientLogin login,
                         std::string password) {
    HttpClient http(loop_, {url.host, url.port, url.tls, command_.ca});
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("name").text(login.name).key("password").text(password);
    if (!login.is_new) json.key("device").text(login.device.empty() ? host_name() : login.device);
    json.end_object();
    HttpClient::Call call{"POST",
                          login.is_new ? "/v1/accounts" : "/v1/sessions",
                          {{"Content-Type", "application/json"}},
                          std::move(body)};
    auto calling = http.call(std::move(call), in(seconds(30)));
    const auto reply = co_await std::move(calling);
    if (!reply) co_return complain(reply.error());
    auto answer = ApiClient::read(*reply);
    if (!answer) co_return complain(answer.error());
    const auto user = answer->root().find("user");
    const auto session = answer->root().find("session");
    if (!user || !session) {
      co_return complain({ErrorCode::Unavailable, "That is not a Tidings server.", {}, {}});
    }
    ClientState state;
    state.server = server;
    state.name = text_at(*user, "name");
    state.user = text_at(*user, "id");
    state.access_token = text_at(*session, "access_token");
    state.expires_at = time_at(*session, "expires_at").value_or(Time());
    state.refresh_token = text_at(*session, "refresh_token");
    if (const auto told = time_at(*session, "server_time"))
      state.clock_offset = *told - SystemClock().now();
    const ClientStateFile::Lock lock(file_);
    if (auto saved = file_.save(state); !saved) co_return complain(saved.error());
    std::printf("Signed in to %s as @%s.\n", server.c_str(), state.name.c_str());
    co_return ExitCode::Done;
  }

  // The tokens are kept until the server has ended the session, so that this can be repeated.
  Task<ExitCode> sign_out(ApiClient& client) {
    auto finding = own_session(client);
    const auto session = co_await std::move(finding);
    if (!session && !has_ended(session.error())) co_return complain(session.error());
    if (session) {
      auto ending = client.call("DELETE", "/v1/sessions/" + *session, {}, in(seconds(10)));
      const auto ended = co_await std::move(ending);
      if (!ended && !has_ended(ended.error())) co_return complain(ended.error());
    }
    const ClientStateFile::Lock lock(file_);
    if (auto forgotten = file_.forget(); !forgotten) co_return complain(forgotten.error());
    std::printf("@%s is signed out here.\n", client.name().c_str());
    co_return ExitCode::Done;
  }

  static bool has_ended(const Error& error) {
    return error.code == ErrorCode::Unauthenticated || error.code == ErrorCode::UnknownSession;
  }

  // The id of the session whose tokens these are. Errors: those of the API
  static Task<Result<std::string>> own_session(ApiClient& client) {
    std::string cursor;
    bool more = true;
    while (more) {
      std::string target = "/v1/sessions?limit=200";
      if (!cursor.empty()) target += "&cursor=" + cursor;
      auto asking = client.get(std::move(target));
      const auto page = co_await std::move(asking);
      if (!page) co_return forward(page);
      if (const auto sessions = page->root().find("sessions")) {
        for (const JsonValue session : *sessions) {
          if (is_true_at(session, "current")) co_return text_at(session, "id");
        }
      }
      cursor = text_at(page->root(), "cursor");
      more = is_true_at(page->root(), "more");
    }
    co_return fail(ErrorCode::UnknownSession);
  }

  // The id is made before the first attempt and kept for all others, so that the message is stored
  // once whatever happens to the answers. Where it stays unknown whether it was, the id is said, so
  // that another run can keep it too.
  Task<ExitCode> run_send(ApiClient& client, ClientSend send, std::string text) {
    const Instant give_up_at = in(seconds(send.timeout_s));
    auto learning = client.learn_clock();
    co_await std::move(learning);
    auto knowing = client.user();
    const auto self = co_await std::move(knowing);
    if (!self) co_return complain(self.error());
    const auto id = send.id ? Result<MessageId>(*send.id) : client.mint(*self);
    if (!id) co_return complain(id.error());
    const std::string id_text = id->to_string();
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("to").begin_array();
    for (const std::string& to : send.to) json.text(to);
    json.end_array().key("text").text(text).end_object();

    milliseconds wait{500};
    bool may_be_sent = false;
    while (true) {
      const Instant deadline = std::min(give_up_at, in(seconds(10)));
      auto putting = client.call("PUT", "/v1/messages/" + id_text, body, deadline);
      const auto answer = co_await std::move(putting);
      if (answer) co_return show_receipt(answer->root(), send.to);
      Error error = answer.error();
      if (error.code == ErrorCode::UnknownUser && send.to.size() == 1)
        error.detail = "There is nobody called " + send.to[0] + '.';
      may_be_sent = may_be_sent || error.code == ErrorCode::Unavailable;
      const milliseconds pause = std::max(wait, error.retry_after);
      const bool may_pass =
          error.code == ErrorCode::Unavailable || error.code == ErrorCode::TooManyRequests;
      if (!may_pass || in(pause) >= give_up_at) {
        const ExitCode code = complain(error);
        if (may_be_sent) {
          std::fprintf(stderr,
                       "It is unknown whether this was sent. To repeat it so that it is stored "
                       "once, add: --id %s\n",
                       id_text.c_str());
        }
        co_return may_pass ? ExitCode::Unreachable : code;
      }
      std::fprintf(stderr, "-- trying again, with --id %s: %s\n", id_text.c_str(),
                   error.detail.c_str());
      co_await sleep_until(in(pause));
      wait = std::min(wait * 2, milliseconds(8'000));
    }
  }

  static ExitCode show_receipt(JsonValue receipt, const std::vector<std::string>& to) {
    ExitCode code = ExitCode::Done;
    std::size_t target = 0;  // the answer keeps the order
    if (const auto groups = receipt.find("groups")) {
      for (const JsonValue group : *groups) {
        std::string place = text_at(group, "name");
        if (place.empty() && target < to.size()) place = to[target];
        ++target;
        if (const auto problem = group.find("problem")) {
          std::string why = text_at(*problem, "detail");
          if (why.empty()) why = text_at(*problem, "title");
          std::fprintf(stderr, "tidings: not to %s: %s\n", printable(place, false).c_str(),
                       why.c_str());
          code = ExitCode::Failed;
        } else {
          std::printf("Sent to %s%s.\n", printable(place, false).c_str(),
                      text_at(group, "stored") == "already" ? " (it was there already)" : "");
        }
      }
    }
    std::printf("%s  sent %s%s\n", text_at(receipt, "id").c_str(),
                local_time(text_at(receipt, "sent_at")).c_str(),
                is_true_at(receipt, "late") ? ", late" : "");
    return code;
  }

  Task<ExitCode> show_status(ApiClient& client) {
    std::string cursor;
    bool more = true;
    while (more) {
      std::string target = "/v1/status?with=unread,last&limit=50";
      if (!cursor.empty()) target += "&cursor=" + cursor;
      auto asking = client.get(std::move(target));
      const auto status = co_await std::move(asking);
      if (!status) co_return complain(status.error());
      if (cursor.empty())
        std::printf("%-36s  %-20s %6s %8s  %s\n", "GROUP", "NAME", "UNREAD", "MENTIONS", "LAST");
      if (const auto groups = status->root().find("groups")) {
        for (const JsonValue group : *groups) print_group(group);
      }
      cursor = text_at(status->root(), "cursor");
      more = is_true_at(status->root(), "more");
    }
    co_return ExitCode::Done;
  }

  static void print_group(JsonValue group) {
    const std::string name =
        text_at(group, "kind") == "direct" ? "(direct)" : printable(text_at(group, "name"), false);
    const auto unread = number_at(group, "unread");
    std::string last;
    if (const auto message = group.find("last_message")) last = message_line(*message, "", false);
    std::printf("%-36s  %-20s %6s %8llu  %s\n", text_at(group, "id").c_str(), name.c_str(),
                unread >= kUnreadMax ? "100+" : std::to_string(unread).c_str(),
                static_cast<unsigned long long>(number_at(group, "mentions")),
                last.substr(0, last.find('\n')).c_str());
  }

  // Newest pages first, printed when all are there.
  Task<ExitCode> show_history(ApiClient& client, ClientHistory history) {
    auto finding = client.group_of(history.group);
    const auto group = co_await std::move(finding);
    if (!group) co_return complain(group.error());
    std::vector<std::string> lines;  // newest first
    std::string before = history.before;
    bool more = true;
    while (more && lines.size() < history.limit) {
      const std::size_t wanted = std::min(history.limit - lines.size(), kPageLimitMax);
      std::string target =
          "/v1/groups/" + group->to_string() + "/messages?limit=" + std::to_string(wanted);
      if (!before.empty()) target += "&before=" + before;
      auto asking = client.get(std::move(target));
      const auto page = co_await std::move(asking);
      if (!page && page.error().code == ErrorCode::TooManyRequests) {
        co_await sleep_until(in(page.error().retry_after));
        continue;
      }
      if (!page) co_return complain(page.error());
      const auto messages = page->root().find("messages");
      if (!messages || messages->size() == 0) break;
      std::vector<std::string> page_lines;
      for (const JsonValue message : *messages) {
        if (page_lines.empty()) before = text_at(message, "id");
        page_lines.push_back(message_line(message, "", is_terminal()));
      }
      lines.insert(lines.end(), page_lines.rbegin(), page_lines.rend());
      more = is_true_at(page->root(), "has_before");
    }
    for (auto line = lines.rbegin(); line != lines.rend(); ++line)
      std::printf("%s\n", line->c_str());
    co_return ExitCode::Done;
  }

  const ClientCommand& command_;
  ClientStateFile file_;
  AsioLoop loop_;
};

}  // namespace

ExitCode run_client(const ClientCommand& command) {
  set_log_level(LogLevel::Warn);
  ClientRun run(command);
  return std::visit(run, command.what);
}

}  // namespace tidings
