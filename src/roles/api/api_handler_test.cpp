#include "roles/api/api_handler.h"

#include <gtest/gtest.h>

#include "roles/api/test_api.h"
#include "wire/http_error.h"

namespace tidings {
namespace {

TEST(ApiHandler, AnswersAProblemForWhatItDoesNotKnow) {
  ApiWorld world;
  const auto lost = world.ask(HttpMethod::Get, {}, "/v2/me");
  EXPECT_EQ(lost.status(), 404);
  EXPECT_EQ(lost.http.content_type, "application/problem+json");
  EXPECT_EQ(lost.code(), "unknown-route");
  EXPECT_EQ(lost.at("type"), "/problems/unknown-route");
  EXPECT_EQ(lost.at("request_id"), "r1");
  EXPECT_EQ(lost.at("server_time"), format_time(world.clock.now()));

  const auto wrong = world.ask(HttpMethod::Delete, {}, "/v1/pull");
  EXPECT_EQ(wrong.status(), 405);
  EXPECT_EQ(wrong.code(), "method-not-allowed");
  EXPECT_EQ(wrong.header("Allow"), "POST");
}

TEST(ApiHandler, KnowsItsCallersOrSays401) {
  ApiWorld world;
  const Person alice = world.join("alice");
  EXPECT_EQ(world.get(alice, "/v1/me").status(), 200);
  EXPECT_EQ(world.ask(HttpMethod::Head, alice.token, "/v1/me").status(), 200);
  for (const char* authorization :
       {"", "Bearer", "Bearer ", "Basic YWxpY2U6eA==", "Bearer nonsense", "token-0",
        "Bearertoken-0", "Bearer tdg_00000000000000000000000000000000_x"}) {
    const auto refused =
        world.ask(HttpMethod::Get, {}, "/v1/me", {}, {{"authorization", authorization}});
    EXPECT_EQ(refused.status(), 401) << authorization;
    EXPECT_EQ(refused.code(), "unauthenticated") << authorization;
    EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(refused.header("RateLimit"), "");
  }
  const auto spelled =
      world.ask(HttpMethod::Get, {}, "/v1/me", {}, {{"authorization", "bEARER  " + alice.token}});
  EXPECT_EQ(spelled.status(), 200);

  world.clock.advance(std::chrono::minutes(15));
  EXPECT_EQ(world.get(alice, "/v1/me").code(), "token-expired");
}

TEST(ApiHandler, AsksForATokenWhereverTheDocumentSaysSo) {
  ApiWorld world;
  for (const Route& route : route_table()) {
    const auto answer = world.ask(route.method, {}, std::string(route.path));
    EXPECT_EQ(answer.status() == 401, route.access != Access::Anyone) << route.path;
  }
}

TEST(ApiHandler, TakesJsonOnly) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto status_of = [&](std::string type) {
    HttpRequest request;
    request.method = HttpMethod::Patch;
    request.path = request.target = "/v1/me";
    request.headers = {{"authorization", "Bearer " + alice.token}, {"content-type", type}};
    request.body = "{}";
    return world.ask(request).status();
  };
  for (const char* type : {"application/json", "application/json; charset=utf-8", "",
                           "Application/JSON;charset=UTF-8", "application/json;"}) {
    EXPECT_EQ(status_of(type), 200) << type;
  }
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1",
        "application/jsonp", "application/merge-patch+json"}) {
    EXPECT_EQ(status_of(type), 415) << type;
  }
}

TEST(ApiHandler, RefusesBodiesThatBreakTheRules) {
  ApiWorld world;
  const Person alice = world.join("alice");
  EXPECT_EQ(world.patch(alice, "/v1/me", "{").code(), "invalid-request");
  EXPECT_EQ(world.ask(HttpMethod::Patch, alice.token, "/v1/me").code(), "invalid-request");
  EXPECT_EQ(world.patch(alice, "/v1/me", "[]").status(), 400);
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"nickname":"a"})").field(), "nickname");
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"display_name":"a","display_name":"b"})").field(),
            "display_name");
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"display_name":1})").field(), "display_name");
  EXPECT_EQ(world.patch(alice, "/v1/me", "{\"display_name\":\"\xFF\"}").status(), 400);
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"display_name":"\u0000"})").status(), 400);
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"display_name":"\ud800"})").status(), 400);

  const std::string deep(15, '[');
  const std::string close(15, ']');
  EXPECT_EQ(
      world.patch(alice, "/v1/me", R"({"metadata":{"a":)" + deep.substr(1) + close.substr(1) + "}}")
          .status(),
      200);
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"metadata":{"a":)" + deep + close + "}}").status(),
            400);
}

TEST(ApiHandler, RefusesParametersThatARouteDoesNotKnow) {
  ApiWorld world;
  const Person alice = world.join("alice");
  ASSERT_TRUE(block_on(world.worker.accounts.set_admin("alice", true)).has_value());
  for (const Route& route : route_table()) {
    if (route.path == "/v1/notifications") continue;
    std::string path(route.path);
    if (const auto at = path.find("{id}"); at != std::string::npos) {
      path.replace(at, 4, world.mint(alice));
    }
    if (const auto at = path.find("{message}"); at != std::string::npos) {
      path.replace(at, 9, world.mint(alice));
    }
    const auto answer = world.ask(route.method, alice.token, path + "?unheard=1", "{}");
    EXPECT_EQ(answer.code(), "invalid-request") << path;
    EXPECT_EQ(answer.field(), "unheard") << path;
  }
}

TEST(ApiHandler, SaysWhatIsLeftOfEachBucket) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto read = world.get(alice, "/v1/me");
  EXPECT_EQ(read.header("RateLimit-Policy"), R"("read";q=300;w=10)");
  EXPECT_EQ(read.header("RateLimit"), R"("read";r=299;t=1)");
  const auto write = world.patch(alice, "/v1/me", "{}");
  EXPECT_EQ(write.header("RateLimit-Policy"), R"("write";q=60;w=10)");
  EXPECT_EQ(write.header("RateLimit"), R"("write";r=59;t=1)");
  const auto send =
      world.put(alice, "/v1/messages/" + world.mint(alice), R"({"to":["@alice"],"text":"a"})");
  EXPECT_EQ(send.header("RateLimit-Policy"), R"("send";q=10;w=10)");
  EXPECT_EQ(send.header("RateLimit"), R"("send";r=9;t=1)");
  EXPECT_EQ(world.get(alice, "/v1/users/@nobody").header("RateLimit"), R"("read";r=298;t=1)");
}

TEST(ApiHandler, RefusesWhoeverAsksTooOften) {
  ApiWorld world;
  const Person alice = world.join("alice");
  for (int i = 0; i < 60; ++i) ASSERT_EQ(world.patch(alice, "/v1/me", "{}").status(), 200);
  const auto refused = world.patch(alice, "/v1/me", "{}");
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.code(), "too-many-requests");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("RateLimit-Policy"), R"("write";q=60;w=10)");
  EXPECT_EQ(refused.header("RateLimit"), R"("write";r=0;t=10)");
  const auto wait = std::stoi(refused.at("retry_after_ms"));
  EXPECT_GT(wait, 0);
  EXPECT_LE(wait, 167);
  world.clock.advance(milliseconds(wait));
  EXPECT_EQ(world.patch(alice, "/v1/me", "{}").status(), 200);
}

TEST(ApiHandler, MakesAProblemOfWhatTheServerRefuses) {
  ApiWorld world;
  for (const auto code : {ErrorCode::TooSlow, ErrorCode::TooLarge, ErrorCode::HeadersTooLarge,
                          ErrorCode::Internal, ErrorCode::Unavailable}) {
    const Answer answer{world.api.problem({code, "d", {}, {}}, "r7")};
    EXPECT_EQ(answer.status(), http_status(code));
    EXPECT_EQ(answer.code(), code_name(code));
    EXPECT_EQ(answer.at("request_id"), "r7");
  }
}

TEST(ApiHandler, SaysUnavailableWhenAStoreIs) {
  ApiWorld world;
  const Person alice = world.join("alice");
  world.clock.step(seconds(-60));  // the clock is out: nothing may be stamped
  const auto answer = world.post(alice, "/v1/messages", R"({"to":["@alice"],"text":"a"})");
  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(answer.code(), "unavailable");
  EXPECT_EQ(answer.header("Retry-After"), "1");
}

}  // namespace
}  // namespace tidings
