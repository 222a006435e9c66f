#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory/memory_message_store.h"
#include "adapters/memory/memory_read_mark_store.h"
#include "core/clock_guard.h"
#include "core/test_people.h"
#include "roles/api/api_handler.h"
#include "wire/json_reader.h"
#include "wire/json_writer.h"

namespace tidings {

// What a test asks and looks at: an answer with its JSON.
struct Answer {
  HttpResponse http;

  int status() const { return http.status; }
  const std::string& body() const { return http.body; }
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : http.headers) {
      if (key == name) return value;
    }
    return {};
  }

  // The value at "groups[0].name": text, digits, "true", "false", "null"; "[3]" and "{2}" for an
  // array or an object of so many; "" where there is none.
  std::string at(std::string_view path) const {
    const auto document = JsonDocument::parse(http.body);
    if (!document) return "(not JSON)";
    std::optional<JsonValue> value = document->root();
    while (value && !path.empty()) {
      if (path.starts_with('[')) {
        std::size_t index = 0;
        const auto end = path.find(']');
        std::from_chars(path.data() + 1, path.data() + end, index);
        if (!value->is(JsonType::Array) || index >= value->size()) return {};
        value = *std::next(value->begin(), static_cast<std::ptrdiff_t>(index));
        path.remove_prefix(end + 1);
      } else {
        const auto key = path.substr(0, path.find_first_of(".["));
        value = value->find(key);
        path.remove_prefix(key.size());
      }
      if (path.starts_with('.')) path.remove_prefix(1);
    }
    return value ? shown(*value) : std::string();
  }
  std::string code() const { return at("code"); }
  // The field that an invalid-request names first.
  std::string field() const { return at("errors[0].field"); }

 private:
  static std::string shown(JsonValue value) {
    switch (value.type()) {
      case JsonType::Null:
        return "null";
      case JsonType::True:
        return "true";
      case JsonType::False:
        return "false";
      case JsonType::Array:
        return "[" + std::to_string(value.size()) + "]";
      case JsonType::Object:
        return "{" + std::to_string(value.size()) + "}";
      default:
        return std::string(value.text());
    }
  }
};

struct Person {
  std::string name;  // bare
  UserId id;
  std::string token;
  Caller caller;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// The whole API over memory, on a manual clock; calls are made without sockets.
struct ApiWorld : PeopleWorld {
  explicit ApiWorld(AccountRules rules = {}) : PeopleWorld(rules) {}
  ~ApiWorld() { block_on(send_message.stop()); }

  MemoryArrivalLog log{messages};
  MemoryReadMarkStore read_mark_store;
  ClockGuard clock_guard{clock, nullptr};
  SendMessage send_message{messages, PeopleStores::groups, worker.directory,
                           throttle, worker.marker,        clock_guard,
                           clock};
  Sync sync{messages, &log, worker.directory, clock_guard, clock};
  History history{messages, worker.directory, clock};
  DigestCheck digest_check{messages, worker.directory, clock};
  ReadMarks read_marks{read_mark_store, worker.directory, sync, clock};
  StatusFeed status_feed{PeopleStores::groups, messages,        worker.directory, history,
                         read_marks,           worker.statuses, clock_guard,      clock};
  ApiHandler api{ApiCore{worker.sessions, worker.accounts, worker.profiles, worker.blocks,
                         worker.end_account, worker.groups, worker.members, send_message, sync,
                         history, digest_check, read_marks, status_feed, worker.services,
                         [this] { return read_figures(); }, throttle, clock}};

  ServerFigures figures;
  Task<ServerFigures> read_figures() { co_return figures; }

  Answer ask(HttpRequest request) {
    request.request_id = "r1";
    if (request.remote_ip.empty()) request.remote_ip = "10.1.0." + std::to_string(++addresses);
    return {block_on(api.handle(std::move(request)))};
  }
  Answer ask(HttpMethod method, const std::string& token, std::string target, std::string body = {},
             Headers headers = {}) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.headers = std::move(headers);
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    request.body = std::move(body);
    return ask(std::move(request));
  }
  Answer get(const Person& who, std::string target, Headers headers = {}) {
    return ask(HttpMethod::Get, who.token, std::move(target), {}, std::move(headers));
  }
  Answer put(const Person& who, std::string target, std::string body) {
    return ask(HttpMethod::Put, who.token, std::move(target), std::move(body));
  }
  Answer post(const Person& who, std::string target, std::string body) {
    return ask(HttpMethod::Post, who.token, std::move(target), std::move(body));
  }
  Answer patch(const Person& who, std::string target, std::string body) {
    return ask(HttpMethod::Patch, who.token, std::move(target), std::move(body));
  }
  Answer remove(const Person& who, std::string target) {
    return ask(HttpMethod::Delete, who.token, std::move(target));
  }

  // Somebody who has just signed up.
  Person join(std::string name) {
    const auto answer = ask(HttpMethod::Post, {}, "/v1/accounts",
                            R"({"name":")" + name + R"(","password":"correct horse"})");
    EXPECT_EQ(answer.status(), 201) << answer.body();
    Person person{std::move(name),
                  *UserId::parse(answer.at("user.id")),
                  answer.at("session.access_token"),
                  {}};
    person.caller = *caller(person.token);
    return person;
  }
  // The id of a new group of `owner` with these members (bare names).
  std::string make_group(const Person& owner, std::vector<std::string> names = {},
                         std::string more = {}) {
    std::string body = R"({"name":"friends","members":[)";
    for (std::size_t i = 0; i < names.size(); ++i) {
      body += (i > 0 ? ",\"@" : "\"@") + names[i] + '"';
    }
    const auto answer = post(owner, "/v1/groups", body + "]" + more + "}");
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return answer.at("id");
  }
  std::string mint(const Person& who) { return mint(who, clock.now()); }
  std::string mint(const Person& who, Time sent_at) {
    return MessageId::mint(sent_at, who.id).to_string();
  }
  // Says a text now and returns its id; never throttled.
  std::string say(const Person& who, const std::string& to, const std::string& text) {
    clock.advance(seconds(1));
    std::string body = R"({"to":[")" + to + R"("],"text":)";
    append_json_text(body, text);
    const auto answer = put(who, "/v1/messages/" + mint(who), body + "}");
    EXPECT_EQ(answer.status(), 201) << answer.body();
    return answer.at("id");
  }
  // Fills all buckets and lets what is remembered expire.
  void rest() { clock.advance(seconds(10)); }
};

}  // namespace tidings
