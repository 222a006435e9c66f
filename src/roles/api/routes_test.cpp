#include "roles/api/routes.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

std::string path_of(HttpMethod method, std::string_view path) {
  const auto match = find_route(method, path);
  return match.route ? std::string(match.route->path) : std::string("none");
}

// A path that fits the template.
std::string filled(std::string_view path) {
  std::string text;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '{') {
      text += 'x';
      at = path.find('}', at);
    } else {
      text += path[at];
    }
  }
  return text;
}

TEST(Routes, FindEachRouteOfTheTable) {
  for (const Route& route : route_table()) {
    const auto match = find_route(route.method, filled(route.path));
    EXPECT_EQ(match.route, &route) << route.path;
  }
}

TEST(Routes, DecodeEachPartOfAPathByItself) {
  const auto match = find_route(HttpMethod::Get, "/v1/users/%40alice");
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.parameters[0], "@alice");
  EXPECT_EQ(path_of(HttpMethod::Get, "/v1/%6De"), "/v1/me");
  EXPECT_EQ(path_of(HttpMethod::Get, "/v1%2Fme"), "none");
  EXPECT_EQ(find_route(HttpMethod::Get, "/v1/users/a%2Fb").parameters[0], "a/b");
}

TEST(Routes, KnowNothingElse) {
  for (const char* path : {"", "/", "*", "v1/me", "/v1", "/v1/", "/v1/me/", "//v1/me", "/v1//me",
                           "/V1/me", "/v1/users/", "/v1/groups/x/messages/y/z",
                           "/v1/groups/x/messages/y/z/a/b/c/d/e/f", "/v1/me%00", "/v1/users/%",
                           "/v1/users/%4", "/v1/users/%zz", "/v1/users/%ff", "/v1/users/%00"}) {
    const auto match = find_route(HttpMethod::Get, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allowed, "") << path;
  }
}

TEST(Routes, SayWhichMethodsAPathTakes) {
  const auto match = find_route(HttpMethod::Post, "/v1/groups/x");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(find_route(HttpMethod::Options, "/v1/pull").allowed, "POST");
  EXPECT_EQ(find_route(HttpMethod::Other, "/v1/me").allowed, "GET, HEAD, PATCH, DELETE");
}

TEST(Routes, TakeAPathWithoutParametersAsItselfAndNotAsAnId) {
  EXPECT_EQ(path_of(HttpMethod::Post, "/v1/sessions/refresh"), "/v1/sessions/refresh");
  const auto match = find_route(HttpMethod::Delete, "/v1/sessions/refresh");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "POST");
}

TEST(Routes, TakeHeadForGet) { EXPECT_EQ(path_of(HttpMethod::Head, "/v1/me"), "/v1/me"); }

}  // namespace
}  // namespace tidings
