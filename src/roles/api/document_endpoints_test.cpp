#include <gtest/gtest.h>

#include <set>

#include "roles/api/test_api.h"
#include "wire/http_error.h"

namespace tidings {
namespace {

TEST(ProblemPages, ExplainEachCode) {
  ApiWorld world;
  for (int i = 0; i < kErrorCodeCount; ++i) {
    const std::string name(code_name(static_cast<ErrorCode>(i)));
    const auto page = world.ask(HttpMethod::Get, {}, "/problems/" + name);
    EXPECT_EQ(page.status(), 200) << name;
    EXPECT_EQ(page.http.content_type, "text/html; charset=utf-8");
    EXPECT_NE(page.body().find("<code>" + name + "</code>"), std::string::npos);
    EXPECT_NE(page.body().find("status " + std::to_string(http_status(static_cast<ErrorCode>(i)))),
              std::string::npos);
  }
  EXPECT_EQ(world.ask(HttpMethod::Get, {}, "/problems/nothing").code(), "unknown-route");
}

TEST(Notifications, WantAWebSocket) {
  ApiWorld world;
  const auto answer = world.ask(HttpMethod::Get, {}, "/v1/notifications");
  EXPECT_EQ(answer.status(), 426);
  EXPECT_EQ(answer.code(), "upgrade-required");
}

// The description and the table of routes say the same, in both directions.
class Openapi : public testing::Test {
 protected:
  Openapi() : answer(world.ask(HttpMethod::Get, {}, "/v1/openapi.json")) {
    document.emplace(JsonDocument::parse(answer.body()).value());
  }
  std::optional<JsonValue> operation(const Route& route) const {
    const auto path = document->root().find("paths")->find(route.path);
    if (!path) return std::nullopt;
    std::string method(method_name(route.method));
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    return path->find(method);
  }
  JsonValue resolved(JsonValue value) const {
    const auto reference = value.find("$ref");
    if (!reference) return value;
    JsonValue found = document->root();
    std::string_view rest = reference->text().substr(2);
    while (!rest.empty()) {
      const auto name = rest.substr(0, rest.find('/'));
      found = found.find(name).value();
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
    return found;
  }

  ApiWorld world;
  Answer answer;
  std::optional<JsonDocument> document;
};

TEST_F(Openapi, IsServedAsJson) {
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.http.content_type, "application/json");
  EXPECT_EQ(answer.at("openapi"), "3.1.0");
}

TEST_F(Openapi, DescribesEachRouteAndNothingElse) {
  std::size_t described = 0;
  const JsonValue paths = *document->root().find("paths");
  for (const JsonValue path : paths) {
    described += path.size() - (path.find("parameters") ? 1 : 0);
  }
  EXPECT_EQ(described, route_table().size());
  for (const Route& route : route_table()) {
    const auto found = operation(route);
    ASSERT_TRUE(found) << method_name(route.method) << route.path;
    const auto access = found->find("x-access");
    ASSERT_TRUE(access) << route.path;
    EXPECT_EQ(access->text() == "anyone", route.access == Access::Anyone) << route.path;
    EXPECT_EQ(access->text() == "admin", route.access == Access::Admin) << route.path;
    EXPECT_EQ(found->find("security").has_value(), route.access == Access::Anyone) << route.path;
    EXPECT_EQ(found->find("requestBody").has_value(), route.has_body) << route.path;
    const auto charge = found->find("x-charge");
    EXPECT_EQ(charge && charge->text() == "read", route.charge == Charge::Read) << route.path;
    EXPECT_EQ(charge && charge->text() == "write", route.charge == Charge::Write) << route.path;
  }
}

TEST_F(Openapi, NamesTheParametersOfEachQuery) {
  for (const Route& route : route_table()) {
    std::set<std::string_view> described;
    if (const auto list = operation(route)->find("parameters")) {
      for (const JsonValue item : *list) {
        const JsonValue parameter = resolved(item);
        if (parameter.find("in")->text() == "query")
          described.insert(parameter.find("name")->text());
      }
    }
    EXPECT_EQ(described, std::set<std::string_view>(route.query.begin(), route.query.end()))
        << route.path;
  }
}

TEST_F(Openapi, NamesProblemCodesThatExist) {
  for (const Route& route : route_table()) {
    const JsonValue codes = *operation(route)->find("x-problems");
    for (const JsonValue code : codes) {
      EXPECT_TRUE(code_of_name(code.text())) << route.path << code.text();
    }
  }
  const auto codes = *document->root().find("components")->find("schemas")->find("ProblemCode");
  EXPECT_EQ(codes.find("enum")->size(), static_cast<std::size_t>(kErrorCodeCount));
}

}  // namespace
}  // namespace tidings
