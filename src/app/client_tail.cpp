#include "app/client_tail.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "app/message_lines.h"
#include "app/terminal.h"
#include "base/task_group.h"
#include "model/digest.h"
#include "net/web_socket_client.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr std::size_t kRememberedMax = 2'000;
constexpr std::size_t kDigestRows = 256;
constexpr seconds kVerifyEvery{600};
constexpr milliseconds kRetryFirst{500};
constexpr milliseconds kRetryLongest{15'000};
constexpr milliseconds kLook{100};
// Later than any message may be.
constexpr const char* kEndOfTime = "ffffffff-ffff-7fff-bfff-ffffffffffff";

Instant now() { return std::chrono::steady_clock::now(); }

void say(const std::string& text) { std::fprintf(stderr, "-- %s\n", text.c_str()); }

class Tail {
 public:
  Tail(ApiClient& client, AsioLoop& loop, ClientTail options, std::string ca)
      : client_(client), loop_(loop), options_(std::move(options)), ca_(std::move(ca)) {
    if (options_.for_s > 0) stop_at_ = now() + seconds(options_.for_s);
  }

  Task<ExitCode> run() {
    if (!options_.group.empty()) {
      auto finding = client_.group_of(options_.group);
      const auto group = co_await std::move(finding);
      if (!group) co_return complain(group.error());
      only_ = *group;
    }
    milliseconds wait = kRetryFirst;
    while (!is_over()) {
      auto following = follow();
      const auto followed = co_await std::move(following);
      if (is_over()) break;
      if (!followed && is_final(followed.error().code)) co_return complain(followed.error());
      if (followed) {
        wait = *followed;
      } else {
        if (!was_away_) say("no connection (" + followed.error().detail + "); polling meanwhile");
        was_away_ = true;
        // What can be had without the socket.
        auto polling = sync();
        co_await std::move(polling);
        wait = std::min(wait * 2, kRetryLongest);
      }
      auto sleeping = sleep(wait);
      co_await std::move(sleeping);
    }
    co_return ExitCode::Done;
  }

 private:
  struct Group {
    std::string label;
    std::string cursor;
    std::set<MessageId> ids;  // of the newest rows; complete from its first on
    bool begun = false;
  };

  bool is_over() const { return stop_at_ && now() >= *stop_at_; }

  static bool is_final(ErrorCode code) {
    return code == ErrorCode::Unauthenticated || code == ErrorCode::Forbidden ||
           code == ErrorCode::UnknownGroup || code == ErrorCode::UnknownUser;
  }

  static ExitCode complain(const Error& error) {
    std::fprintf(stderr, "tidings: %s\n", error.detail.c_str());
    return error.code == ErrorCode::Unavailable ? ExitCode::Unreachable : ExitCode::Failed;
  }

  Task<void> sleep(milliseconds time) {
    const Instant until = now() + time;
    while (now() < until && !is_over()) co_await sleep_until(std::min(now() + kLook, until));
  }

  // Follows one socket until it closes; how long to wait before the next one.
  Task<Result<milliseconds>> follow() {
    auto getting = client_.token(now() + seconds(10));
    const auto token = co_await std::move(getting);
    if (!token) co_return forward(token);
    WebSocketClient::Config config;
    config.host = client_.url().host;
    config.port = client_.url().port;
    config.tls = client_.url().tls;
    config.ca_path = ca_;
    config.target = "/v1/notifications";
    config.protocol = "tidings.v1";
    config.headers = {{"Authorization", "Bearer " + *token}};
    auto connecting = WebSocketClient::connect(loop_, std::move(config), now() + seconds(10));
    auto connected = co_await std::move(connecting);
    if (!connected) co_return forward(std::move(connected));
    WebSocketClient& socket = **connected;
    TaskGroup beside("client.tail");
    is_open_ = true;
    beside.spawn(watch(&socket.socket()));
    auto listening = listen(socket.socket(), *token);
    auto wait = co_await std::move(listening);
    is_open_ = false;
    co_await beside.join();
    co_await socket.shut();
    co_return wait;
  }

  // Closes the socket when time is up, and verifies now and then.
  Task<void> watch(WebSocket* socket) {
    Instant verify_at = now() + kVerifyEvery;
    while (is_open_) {
      co_await sleep_until(now() + kLook);
      if (is_over()) {
        socket->close(1000, "");
        co_return;
      }
      if (is_open_ && !is_pulling_ && now() >= verify_at) {
        verify_at = now() + kVerifyEvery;
        auto verifying = verify();
        co_await std::move(verifying);
      }
    }
  }

  // A token that is refused may be one that a restored server never signed: it is renewed once.
  // Errors: Unauthenticated  a renewed one, or a key, was refused too
  Task<Result<milliseconds>> listen(WebSocket& socket, std::string token) {
    milliseconds reconnect_after = kRetryFirst;
    bool is_refused = false;
    while (true) {
      auto reading = socket.read();
      const auto text = co_await std::move(reading);
      if (!text && is_refused && (!client_.drop(token) || ++refusals_ > 1))
        co_return fail(ErrorCode::Unauthenticated, "The server does not take this session or key.");
      if (!text) co_return reconnect_after;
      const auto frame = JsonDocument::parse(*text);
      if (!frame) continue;
      const std::string type = text_at(frame->root(), "type");
      if (type == "bye") {
        reconnect_after =
            std::max(kRetryFirst, milliseconds(number_at(frame->root(), "reconnect_after_ms")));
        const std::string reason = text_at(frame->root(), "reason");
        say("the server says goodbye (" + reason + ')');
        was_away_ = true;
        is_refused = reason == code_name(ErrorCode::Unauthenticated) ||
                     reason == code_name(ErrorCode::TokenExpired);
      }
      if (type == "hello") refusals_ = 0;
      if (type == "changed") {
        std::string ack =
            "{\"type\":\"ack\",\"n\":" + std::to_string(number_at(frame->root(), "n")) + '}';
        auto acking = socket.write(std::move(ack));
        co_await std::move(acking);
        auto pulling = pull(groups_in(frame->root()));
        co_await std::move(pulling);
      }
      if (type == "hello" || type == "recheck") {
        auto syncing = sync();
        const auto synced = co_await std::move(syncing);
        if (!synced && is_final(synced.error().code)) socket.close(1000, "");
      }
      if (type == "hello") {
        auto verifying = verify();
        co_await std::move(verifying);
      }
    }
  }

  std::vector<GroupId> groups_in(JsonValue frame) const {
    std::vector<GroupId> ids;
    if (const auto named = frame.find("groups")) {
      for (const JsonValue item : *named) {
        const auto id = GroupId::parse(item.text());
        if (id && (!only_ || *only_ == *id)) ids.push_back(*id);
      }
    }
    return ids;
  }

  // Reads what changed, and pulls it.
  Task<Result<void>> sync() {
    if (only_) {
      std::vector<GroupId> one{*only_};
      auto pulling = pull(std::move(one));
      co_return co_await std::move(pulling);
    }
    std::string cursor = status_cursor_;
    bool more = true;
    while (more) {
      std::string target = "/v1/status?limit=200";
      if (!cursor.empty()) target += "&cursor=" + cursor;
      auto asking = client_.get(std::move(target));
      const auto status = co_await std::move(asking);
      if (!status) co_return forward(status);
      std::vector<GroupId> changed;
      if (const auto listed = status->root().find("groups")) {
        for (const JsonValue group : *listed) {
          if (const auto id = GroupId::parse(text_at(group, "id"))) changed.push_back(*id);
        }
      }
      auto pulling = pull(std::move(changed));
      if (auto pulled = co_await std::move(pulling); !pulled) co_return pulled;
      // Only now: what the status named has been printed.
      cursor = text_at(status->root(), "cursor");
      status_cursor_ = cursor;
      more = is_true_at(status->root(), "more");
    }
    co_return {};
  }

  Task<Result<void>> pull(std::vector<GroupId> ids) {
    is_pulling_ = true;
    Result<void> outcome;
    for (const GroupId id : ids) {
      auto pulling = pull_one(id);
      auto pulled = co_await std::move(pulling);
      // A group that one has just left is no reason to stop.
      if (!pulled && (only_ || pulled.error().code != ErrorCode::UnknownGroup)) {
        outcome = std::move(pulled);
        break;
      }
    }
    is_pulling_ = false;
    co_return outcome;
  }

  Task<Result<void>> pull_one(GroupId id) {
    Group& group = groups_[id];
    if (group.label.empty() && !only_) {
      auto naming = label_of(id);
      group.label = co_await std::move(naming);
    }
    bool more = true;
    while (more) {
      std::string target = "/v1/groups/" + id.to_string() + "/changes?";
      target += group.cursor.empty() ? "limit=" + std::to_string(options_.last)
                                     : "limit=200&cursor=" + group.cursor;
      auto asking = client_.get(std::move(target));
      const auto page = co_await std::move(asking);
      if (!page && page.error().code == ErrorCode::TooManyRequests) {
        auto sleeping = sleep(page.error().retry_after);
        co_await std::move(sleeping);
        if (is_over()) co_return {};
        continue;
      }
      if (!page) co_return forward(page);
      print_page(group, page->root());
      if (page->root().find("skipped"))
        say("more arrived than fits; `tidings client history` has it");
      group.cursor = text_at(page->root(), "cursor");
      more = is_true_at(page->root(), "more");
    }
    co_return {};
  }

  void print_page(Group& group, JsonValue page) {
    if (const auto messages = page.find("messages")) {
      for (const JsonValue message : *messages) print(group, message);
    }
    std::fflush(stdout);
  }

  void print(Group& group, JsonValue message) {
    const auto id = MessageId::parse(text_at(message, "id"));
    if (!id || !group.ids.insert(*id).second) return;
    while (group.ids.size() > kRememberedMax) group.ids.erase(group.ids.begin());
    std::printf("%s\n", message_line(message, group.label, is_terminal()).c_str());
  }

  // The name of a group; of a direct one, the other person's.
  Task<std::string> label_of(GroupId id) {
    auto asking = client_.get("/v1/groups/" + id.to_string());
    const auto group = co_await std::move(asking);
    if (!group) co_return id.to_string();
    if (text_at(group->root(), "kind") != "direct") co_return text_at(group->root(), "name");
    auto knowing = client_.user();
    const auto self = co_await std::move(knowing);
    auto listing = client_.get("/v1/groups/" + id.to_string() + "/members");
    const auto members = co_await std::move(listing);
    if (!members || !self) co_return id.to_string();
    std::string label = "note";
    if (const auto listed = members->root().find("members")) {
      for (const JsonValue member : *listed) {
        const auto user = member.find("user");
        if (!user) continue;
        const std::string name = user->is(JsonType::Text) ? std::string(user->text()) : "";
        if (!name.empty() && name != self_name_) label = name;
      }
    }
    co_return label;
  }

  // Compares the newest rows of each group with the server's digest of them, and fetches by name
  // what is missing.
  Task<void> verify() {
    std::size_t rows = 0;
    for (auto& [id, group] : groups_) {
      auto verifying = verify_one(id, group);
      const auto verified = co_await std::move(verifying);
      if (!verified) co_return;  // next time
      rows += *verified;
    }
    if (!rows || (has_verified_ && !was_away_)) co_return;
    say((was_away_ ? "back; the digests agree: none of the newest "
                   : "the digests agree: none of "
                     "the newest ") +
        std::to_string(rows) + " is missing");
    has_verified_ = true;
    was_away_ = false;
  }

  // How many rows were compared. Unequal: something has just arrived, or is missing.
  Task<Result<std::size_t>> verify_one(GroupId id, Group& group) {
    for (int attempt = 0; attempt < 3 && !group.ids.empty(); ++attempt) {
      const std::size_t rows = std::min(group.ids.size(), kDigestRows);
      auto asking =
          client_.get("/v1/groups/" + id.to_string() + "/digest?last=" + std::to_string(rows));
      const auto digest = co_await std::move(asking);
      if (!digest) co_return forward(digest);
      const std::string from_text = text_at(digest->root(), "from");
      const auto from = Uuid::parse(from_text);
      if (!from) co_return std::size_t{0};
      DigestSum mine;
      for (auto held = group.ids.lower_bound(MessageId{*from}); held != group.ids.end(); ++held)
        mine.add(*held);
      const bool equal = mine.count() == number_at(digest->root(), "count") &&
                         mine.hex() == text_at(digest->root(), "sum");
      if (equal) co_return rows;
      auto pulling = pull_one(id);
      if (auto pulled = co_await std::move(pulling); !pulled) co_return forward(std::move(pulled));
      if (attempt == 0) continue;
      auto fetching = fetch_missing(id, group, from_text);
      if (auto fetched = co_await std::move(fetching); !fetched) co_return forward(fetched);
    }
    co_return std::size_t{0};
  }

  Task<Result<void>> fetch_missing(GroupId id, Group& group, std::string from) {
    const std::string base = "/v1/groups/" + id.to_string();
    auto asking = client_.get(base + "/digest?from=" + from + "&to=" + kEndOfTime);
    const auto digest = co_await std::move(asking);
    if (!digest) co_return forward(digest);
    std::string wanted;
    std::size_t count = 0;
    if (const auto ids = digest->root().find("ids")) {
      for (const JsonValue item : *ids) {
        const auto message = MessageId::parse(item.text());
        if (!message || group.ids.contains(*message) || count == 100) continue;
        wanted += (count++ > 0 ? "," : "") + message->to_string();
      }
    }
    if (count == 0) co_return {};
    say("the digest names " + std::to_string(count) + " that were missing:");
    auto reading = client_.get(base + "/messages?ids=" + wanted);
    const auto page = co_await std::move(reading);
    if (!page) co_return forward(page);
    print_page(group, page->root());
    co_return {};
  }

  ApiClient& client_;
  AsioLoop& loop_;
  const ClientTail options_;
  const std::string ca_;
  const std::string self_name_ = '@' + client_.name();
  std::optional<Instant> stop_at_;
  std::optional<GroupId> only_;
  std::map<GroupId, Group> groups_;
  std::string status_cursor_;
  bool is_open_ = false;
  bool is_pulling_ = false;
  bool was_away_ = false;
  bool has_verified_ = false;
  int refusals_ = 0;  // of tokens, since a server last said hello
};

}  // namespace

Task<ExitCode> run_tail(ApiClient& client, AsioLoop& loop, ClientTail options, std::string ca) {
  Tail tail(client, loop, std::move(options), std::move(ca));
  auto running = tail.run();
  co_return co_await std::move(running);
}

}  // namespace tidings
