// Nobody who is not a member sees anything: each operation of the API's own description is tried by
// outsiders, removed members and blocked people with the ids of things that are not theirs.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "roles/api/test_api.h"

namespace tidings {
namespace {

constexpr const char* kGroupName = "name-nobody-tells";
constexpr const char* kDescription = "description-nobody-tells";
constexpr const char* kText = "text-nobody-tells";
constexpr const char* kMetadata = "metadata-nobody-tells";
constexpr const char* kHiddenMember = "hidden-member";

// Things that somebody else owns, and their ids.
struct Victim {
  std::string what;
  std::string group = {};
  std::string message = {};
  std::string cursor = {};   // of a member
  std::string session = {};  // of its owner
  bool is_public = false;
};

// One request that the description allows. "<group>" and so on stand for what is attacked.
struct Attempt {
  HttpMethod method;
  std::string target;
  std::string body;
  std::string access;
  bool names_group = false;   // in its path
  bool names_cursor = false;  // of the victim's group
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

void append_value(JsonWriter& json, JsonValue value) {
  switch (value.type()) {
    case JsonType::Text:
      json.text(value.text());
      return;
    case JsonType::Array:
      json.begin_array();
      for (const JsonValue inner : value) append_value(json, inner);
      json.end_array();
      return;
    case JsonType::Object:
      json.begin_object();
      for (const JsonValue inner : value) append_value(json.key(inner.key()), inner);
      json.end_object();
      return;
    case JsonType::Number:
      json.raw(value.text());
      return;
    default:
      json.boolean(value.is(JsonType::True));
  }
}

// Reads the description and makes the attempts.
class Description {
 public:
  explicit Description(std::string bytes)
      : bytes_(std::move(bytes)), document_(JsonDocument::parse(bytes_).value()) {}

  std::vector<Attempt> attempts() const {
    std::vector<Attempt> all;
    const JsonValue paths = *document_.root().find("paths");
    for (const JsonValue path : paths) {
      for (const JsonValue operation : path) {
        if (operation.key() != "parameters") add_operation(all, path, operation);
      }
    }
    return all;
  }

 private:
  static HttpMethod method_of(std::string_view name) {
    static const std::map<std::string_view, HttpMethod> kMethods = {{"get", HttpMethod::Get},
                                                                    {"put", HttpMethod::Put},
                                                                    {"post", HttpMethod::Post},
                                                                    {"patch", HttpMethod::Patch},
                                                                    {"delete", HttpMethod::Delete}};
    return kMethods.at(name);
  }

  JsonValue resolved(JsonValue value) const {
    const auto reference = value.find("$ref");
    if (!reference) return value;
    JsonValue found = document_.root();
    std::string_view rest = reference->text().substr(2);
    while (!rest.empty()) {
      const auto name = rest.substr(0, rest.find('/'));
      found = found.find(name).value();
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
    return found;
  }

  static std::string path_value(JsonValue parameter) {
    const auto description = parameter.find("description");
    if (!description) return std::string(parameter.find("example")->text());
    if (description->text() == "The id of a group.") return "<group>";
    if (description->text() == "The id of a message.") return "<message>";
    if (description->text() == "The id of a session.") return "<session>";
    if (description->text() == "A user, as `@alice`.") return "@" + std::string(kHiddenMember);
    return "<minted>";
  }

  static std::string query_value(std::string_view name) {
    static const std::map<std::string_view, std::string> kValues = {
        {"cursor", "<cursor>"},  {"since", "2020-01-01T00:00:00Z"},
        {"limit", "1"},          {"fresh", "true"},
        {"before", "<message>"}, {"after", "<message>"},
        {"around", "<message>"}, {"ids", "<message>"},
        {"from", "<message>"},   {"to", "<message>"},
        {"last", "10"},          {"users", "@owner,@" + std::string(kHiddenMember)},
        {"with", "unread,last"}};
    const auto found = kValues.find(name);
    EXPECT_NE(found, kValues.end()) << "teach this test the parameter " << name;
    return found == kValues.end() ? "" : found->second;
  }

  std::vector<std::string> bodies(JsonValue operation) const {
    const auto request = operation.find("requestBody");
    if (!request) return {""};
    if (operation.find("x-access")->text() == "sender") {
      const std::string to = R"({"to":["<group>"],)";
      const std::string target = R"("target":"<message>")";
      return {to + R"("text":"a"})",
              to + R"("text":"a","mentions":["@)" + kHiddenMember + R"("],"reply_to":"<message>"})",
              to + R"("kind":"edit","text":"a",)" + target + "}",
              to + R"("kind":"delete",)" + target + "}",
              to + R"("kind":"reaction","emoji":"e",)" + target + "}",
              to + R"("kind":"opaque","ciphertext":"aGk=","scheme":"s"})"};
    }
    const auto content = *resolved(*request).find("content")->find("application/json");
    std::string body;
    JsonWriter json(body);
    append_value(json, *content.find("example"));
    const auto group = *document_.root().find("components")->find("parameters")->find("GroupId");
    body = replaced(std::move(body), group.find("example")->text(), "<group>");
    return {replaced(std::move(body), "AQID", "<cursor>")};
  }

  void add_operation(std::vector<Attempt>& all, JsonValue path, JsonValue operation) const {
    std::vector<JsonValue> parameters;
    for (const JsonValue holder : {path, operation}) {
      if (const auto list = holder.find("parameters")) {
        for (const JsonValue item : *list) parameters.push_back(resolved(item));
      }
    }
    Attempt attempt{method_of(operation.key()),
                    std::string(path.key()),
                    {},
                    std::string(operation.find("x-access")->text())};
    std::vector<std::string> queries = {""};
    for (const JsonValue parameter : parameters) {
      const auto name = parameter.find("name")->text();
      if (parameter.find("in")->text() == "path") {
        const auto value = path_value(parameter);
        attempt.target = replaced(attempt.target, "{" + std::string(name) + "}", value);
        attempt.names_group = attempt.names_group || value == "<group>";
      } else if (parameter.find("in")->text() == "query") {
        queries.push_back("?" + std::string(name) + "=" + query_value(name));
      }
    }
    for (const auto& body : bodies(operation)) {
      for (const auto& query : queries) {
        all.push_back(attempt);
        all.back().target += query;
        all.back().body = body;
        all.back().names_cursor = query.ends_with("<cursor>") || body.find("<cursor>") != body.npos;
      }
    }
  }

  std::string bytes_;
  JsonDocument document_;
};

class Outsiders : public testing::Test {
 protected:
  Outsiders() {
    world.join(kHiddenMember);
    friend_ = world.join("friend");
    add_group("a private group", "");
    add_group("a private group with a history rule", R"(,"history":"since-joined")");
    add_group("a public group", R"(,"visibility":"public")");
    victims.back().is_public = true;
    add_group("a deleted group", "");
    EXPECT_EQ(world.remove(owner, "/v1/groups/" + victims.back().group).status(), 204);
    Victim direct{.what = "a direct group",
                  .group = direct_group_id(owner.id, friend_.id).to_string()};
    direct.message = world.say(owner, "@friend", kText);
    complete(std::move(direct));

    EXPECT_EQ(world.put(owner, "/v1/me/blocks/@blocked", {}).status(), 204);
    for (const Victim& victim : victims) {
      if (victim.what == "a direct group" || victim.what == "a deleted group") continue;
      EXPECT_EQ(world.remove(owner, "/v1/groups/" + victim.group + "/members/@removed").status(),
                204);
    }
    // The outsiders know one another, so that their own lists are not empty.
    world.make_group(stranger, {"removed", "blocked"});
    world.clock.advance(seconds(6));
    for (const Victim& victim : victims) {
      if (victim.what != "a deleted group") world.say(owner, victim.group, kText);
    }
    description.emplace(world.ask(HttpMethod::Get, {}, "/v1/openapi.json").http.body);
  }

  void add_group(std::string what, const std::string& more) {
    Victim victim{.what = std::move(what)};
    world.rest();
    const auto made =
        world.post(owner, "/v1/groups",
                   R"({"name":")" + std::string(kGroupName) + R"(","description":")" +
                       kDescription + R"(","metadata":{"a":")" + kMetadata + R"("},"members":["@)" +
                       kHiddenMember + R"(","@removed","@friend"])" + more + "}");
    victim.group = made.at("id");
    victim.message = world.say(owner, victim.group, kText);
    complete(std::move(victim));
  }
  void complete(Victim victim) {
    victim.cursor = world.get(owner, "/v1/groups/" + victim.group + "/changes").at("cursor");
    victim.session = world.get(owner, "/v1/sessions").at("sessions[0].id");
    victims.push_back(std::move(victim));
  }

  // Access tokens live for 15 minutes; the attempts take longer.
  void sign_in_again(Person& person) {
    const auto answer =
        world.ask(HttpMethod::Post, {}, "/v1/sessions",
                  R"({"name":")" + person.name + R"(","password":"correct horse"})");
    ASSERT_EQ(answer.status(), 201) << answer.body();
    person.token = answer.at("session.access_token");
  }

  Answer try_it(const Person& who, const Attempt& attempt, const Victim& victim,
                const std::string& minted) {
    const auto filled = [&](std::string text) {
      text = replaced(std::move(text), "<group>", victim.group);
      text = replaced(std::move(text), "<message>", victim.message);
      text = replaced(std::move(text), "<session>", victim.session);
      text = replaced(std::move(text), "<cursor>", victim.cursor);
      return replaced(std::move(text), "<minted>", minted);
    };
    return world.ask(attempt.method, who.token, filled(attempt.target), filled(attempt.body));
  }

  // What an outsider sees of a victim, and would see of a group that never was.
  void expect_nothing(const Person& who, const Attempt& attempt, const Victim& victim) {
    const std::string label = who.name + " on " + victim.what + ": " +
                              std::string(method_name(attempt.method)) + " " + attempt.target +
                              " " + attempt.body;
    world.clock.advance(seconds(1));  // for the throttle
    const auto minted = world.mint(who);
    Victim nothing = victim;
    nothing.group = Uuid::v5(*Uuid::parse(victim.group), "nothing").to_string();
    nothing.message = MessageId{Uuid::v7(world.clock.now())}.to_string();
    const auto answer = try_it(who, attempt, victim, minted);

    for (const char* secret : {kText, kMetadata}) {
      EXPECT_EQ(answer.body().find(secret), std::string::npos) << label << answer.body();
    }
    if (victim.is_public && attempt.access == "visitor") return;
    for (const char* secret : {kGroupName, kDescription}) {
      EXPECT_EQ(answer.body().find(secret), std::string::npos) << label << answer.body();
    }
    EXPECT_NE(answer.status(), 429) << label;
    EXPECT_LT(answer.status(), 500) << label;

    if (attempt.access == "admin") {
      EXPECT_EQ(answer.status(), 403) << label << answer.body();
      EXPECT_EQ(answer.code(), "forbidden") << label;
      return;
    }
    const bool is_about_group = attempt.names_group || attempt.access == "sender";
    if (!is_about_group) return;
    EXPECT_EQ(answer.status(), 404) << label << answer.body();
    EXPECT_EQ(answer.code(), "unknown-group") << label;
    // A cursor is bound to its group, so with one the group that never was is another matter.
    if (attempt.names_cursor) return;
    const auto answer_of_nothing = try_it(who, attempt, nothing, minted);
    EXPECT_EQ(answer.body(), answer_of_nothing.body()) << label;
  }

  // All that the owner sees of it.
  std::string state_of(const Victim& victim) {
    std::string state;
    for (const char* part : {"", "/members", "/digest", "/messages"}) {
      const auto answer = world.get(owner, "/v1/groups/" + victim.group + part);
      state += answer.status() == 200 ? answer.body() : answer.code();
    }
    return state;
  }

  void attack_as(Person& who) {
    sign_in_again(owner);
    std::map<std::string, std::string> before;
    for (const Victim& victim : victims) before[victim.what] = state_of(victim);
    const auto attempts = description->attempts();
    ASSERT_GT(attempts.size(), 60u);
    for (const Victim& victim : victims) {
      sign_in_again(who);
      for (const Attempt& attempt : attempts) {
        const bool ends_attacker =
            attempt.method == HttpMethod::Delete && attempt.target == "/v1/me";
        const bool joins = victim.is_public && attempt.target.ends_with("/join");
        if (!ends_attacker && !joins) expect_nothing(who, attempt, victim);
      }
    }
    sign_in_again(owner);
    for (const Victim& victim : victims) {
      EXPECT_EQ(state_of(victim), before[victim.what]) << victim.what;
    }
  }

  ApiWorld world;
  Person owner = world.join("owner");
  Person stranger = world.join("stranger");
  Person removed = world.join("removed");
  Person blocked = world.join("blocked");
  Person friend_;
  std::vector<Victim> victims;
  std::optional<Description> description;
};

TEST_F(Outsiders, WhoWereNeverInAGroupSeeAndChangeNothingOfIt) { attack_as(stranger); }

TEST_F(Outsiders, WhoWereRemovedSeeAndChangeNothingOfIt) { attack_as(removed); }

TEST_F(Outsiders, WhoAreBlockedSeeAndChangeNothingOfIt) {
  attack_as(blocked);
  EXPECT_EQ(world.post(blocked, "/v1/messages", R"({"to":["@owner"],"text":"a"})").code(),
            "not-accepted");
}

TEST_F(Outsiders, CannotEndSessionsOfOthers) {
  EXPECT_EQ(world.remove(stranger, "/v1/sessions/" + victims[0].session).code(), "unknown-session");
  EXPECT_EQ(world.get(owner, "/v1/me").status(), 200);
}

TEST_F(Outsiders, SeeThePublicFaceOfAPublicGroupAndNoMore) {
  const auto& open = victims.at(2);
  ASSERT_TRUE(open.is_public);
  const auto face = world.get(stranger, "/v1/groups/" + open.group);
  EXPECT_EQ(face.at("name"), kGroupName);
  EXPECT_EQ(face.at("description"), kDescription);
  for (const char* hidden :
       {"metadata", "history", "post", "push", "role", "created_at", "last_updated"}) {
    EXPECT_EQ(face.at(hidden), "") << hidden;
  }
}

TEST_F(Outsiders, AreNotToldWhoSharesAGroupWithWhom) {
  const auto status = world.get(stranger, "/v1/status?users=@owner,@hidden-member");
  EXPECT_EQ(status.at("users[0].status"), "");
  EXPECT_EQ(status.at("users[1].status"), "");
  EXPECT_EQ(world.get(stranger, "/v1/users/@owner").at("last_seen"), "");
}

// The test of the tests: what it looks for is there for those who may see it.
TEST_F(Outsiders, AreTheOnlyOnesWhoSeeNothing) {
  const auto& group = "/v1/groups/" + victims.at(0).group;
  EXPECT_NE(world.get(friend_, group).body().find(kGroupName), std::string::npos);
  EXPECT_NE(world.get(friend_, group).body().find(kMetadata), std::string::npos);
  EXPECT_NE(world.get(friend_, group + "/changes").body().find(kText), std::string::npos);
  EXPECT_NE(world.get(friend_, group + "/members").body().find(kHiddenMember), std::string::npos);
}

}  // namespace
}  // namespace tidings
