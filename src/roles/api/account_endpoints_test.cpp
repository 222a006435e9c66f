#include <gtest/gtest.h>

#include "roles/api/test_api.h"

namespace tidings {
namespace {

std::string credentials(std::string_view name, std::string_view password) {
  return R"({"name":")" + std::string(name) + R"(","password":")" + std::string(password) + R"("})";
}

TEST(SignUp, MakesAnAccountOnceAndSignsInAgain) {
  ApiWorld world;
  const auto body = R"({"name":"alice","password":"correct horse","display_name":"Alice"})";
  const auto made = world.ask(HttpMethod::Post, {}, "/v1/accounts", body);
  EXPECT_EQ(made.status(), 201);
  EXPECT_EQ(made.at("user.name"), "alice");
  EXPECT_EQ(made.at("user.display_name"), "Alice");
  EXPECT_EQ(made.at("user.service"), "false");
  EXPECT_EQ(made.at("user.metadata"), "{0}");
  EXPECT_EQ(made.at("user.accepts_direct"), "everyone");
  EXPECT_EQ(made.at("user.status"), "auto");
  EXPECT_EQ(made.at("session.server_time"), format_time(world.clock.now()));
  EXPECT_EQ(made.at("session.expires_at"), format_time(world.clock.now() + kAccessTokenLife));
  EXPECT_EQ(made.at("session.api"), "1.0");
  EXPECT_NE(made.at("session.refresh_token"), "");
  EXPECT_EQ(made.header("RateLimit"), "");

  const auto again = world.ask(HttpMethod::Post, {}, "/v1/accounts", body);
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(again.at("user.id"), made.at("user.id"));
  EXPECT_NE(again.at("session.id"), made.at("session.id"));

  const auto taken =
      world.ask(HttpMethod::Post, {}, "/v1/accounts", credentials("alice", "another horse"));
  EXPECT_EQ(taken.status(), 409);
  EXPECT_EQ(taken.code(), "name-taken");
}

TEST(SignUp, HoldsNamesAndPasswordsToTheirLimits) {
  ApiWorld world;
  const auto sign_up = [&](std::string_view name, std::string_view password) {
    return world.ask(HttpMethod::Post, {}, "/v1/accounts", credentials(name, password));
  };
  EXPECT_EQ(sign_up("ab", "correct horse").status(), 201);
  EXPECT_EQ(sign_up("a23456789_123456789.123456789-12", "correct horse").status(), 201);
  for (const char* name : {"", "a", "Alice", "1alice", "_alice", "al ice", "älice", "@alice",
                           "a23456789_123456789.123456789-123"}) {
    EXPECT_EQ(sign_up(name, "correct horse").field(), "name") << name;
  }
  EXPECT_EQ(sign_up("eve", "1234567").code(), "weak-password");
  EXPECT_EQ(sign_up("eve", "password").code(), "weak-password");
  EXPECT_EQ(sign_up("eve", "password").status(), 422);
  EXPECT_EQ(sign_up("eve", "äöüßäöüß").status(), 201);
  EXPECT_EQ(sign_up("mal", std::string(256, 'x')).status(), 201);
  EXPECT_EQ(sign_up("pat", std::string(257, 'x')).field(), "password");
  const auto named = [&](const std::string& shown) {
    return world
        .ask(HttpMethod::Post, {}, "/v1/accounts",
             R"({"name":"zoe","password":"correct horse","display_name":")" + shown + R"("})")
        .status();
  };
  EXPECT_EQ(named(repeated("中", 65)), 400);
  EXPECT_EQ(named(repeated("中", 64)), 201);
  EXPECT_EQ(world.ask(HttpMethod::Post, {}, "/v1/accounts", R"({"name":"bob"})").field(),
            "password");
}

TEST(SignUp, CanBeClosed) {
  ApiWorld world(AccountRules{.registration_open = false});
  const auto answer =
      world.ask(HttpMethod::Post, {}, "/v1/accounts", credentials("alice", "correct horse"));
  EXPECT_EQ(answer.status(), 403);
  EXPECT_EQ(answer.code(), "registration-closed");
}

TEST(SignIn, AnswersTheSameForAnUnknownNameAndAWrongPassword) {
  ApiWorld world;
  world.join("alice");
  const auto signed_in =
      world.ask(HttpMethod::Post, {}, "/v1/sessions",
                R"({"name":"alice","password":"correct horse","device":"Laptop"})");
  EXPECT_EQ(signed_in.status(), 201);
  EXPECT_EQ(signed_in.at("user.name"), "alice");

  const auto wrong = world.ask(HttpMethod::Post, {}, "/v1/sessions", credentials("alice", "wrong"));
  const auto unknown =
      world.ask(HttpMethod::Post, {}, "/v1/sessions", credentials("nobody", "wrong"));
  EXPECT_EQ(wrong.status(), 401);
  EXPECT_EQ(wrong.code(), "bad-credentials");
  EXPECT_EQ(wrong.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(wrong.body(), unknown.body());

  const auto device = [&](std::size_t size) {
    return world
        .ask(HttpMethod::Post, {}, "/v1/sessions",
             R"({"name":"alice","password":"correct horse","device":")" + repeated("é", size) +
                 R"("})")
        .status();
  };
  EXPECT_EQ(device(64), 201);
  EXPECT_EQ(device(65), 400);
}

TEST(SignIn, IsRefusedAfterTenFailuresOfOneAddressAndName) {
  ApiWorld world;
  world.join("alice");
  const auto try_from = [&](std::string ip, std::string_view password) {
    HttpRequest request;
    request.method = HttpMethod::Post;
    request.path = request.target = "/v1/sessions";
    request.body = credentials("alice", password);
    request.remote_ip = std::move(ip);
    return world.ask(request);
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_from("10.9.9.9", "wrong").status(), 401);
  const auto refused = try_from("10.9.9.9", "correct horse");
  EXPECT_EQ(refused.status(), 429);
  EXPECT_NE(refused.header("Retry-After"), "");
  EXPECT_EQ(try_from("10.9.9.8", "correct horse").status(), 201);
  world.clock.advance(seconds(61));
  EXPECT_EQ(try_from("10.9.9.9", "correct horse").status(), 201);
}

TEST(RefreshSession, GivesNewTokensAndNoticesTheft) {
  ApiWorld world;
  const auto made =
      world.ask(HttpMethod::Post, {}, "/v1/accounts", credentials("alice", "correct horse"));
  const auto refresh = [&](const std::string& token) {
    return world.ask(HttpMethod::Post, {}, "/v1/sessions/refresh",
                     R"({"refresh_token":")" + token + R"("})");
  };
  const auto first = made.at("session.refresh_token");
  const auto next = refresh(first);
  EXPECT_EQ(next.status(), 201);
  EXPECT_EQ(next.at("session.id"), made.at("session.id"));
  EXPECT_NE(next.at("session.access_token"), "");
  EXPECT_EQ(refresh(first).status(), 201);
  world.clock.advance(seconds(61));
  EXPECT_EQ(refresh(first).code(), "unauthenticated");
  EXPECT_EQ(refresh(next.at("session.refresh_token")).status(), 401);
  EXPECT_EQ(refresh("nonsense").status(), 401);
  EXPECT_EQ(world.ask(HttpMethod::Post, {}, "/v1/sessions/refresh", "{}").field(), "refresh_token");
}

TEST(Sessions, AreListedAndEnded) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  const auto other = world.ask(HttpMethod::Post, {}, "/v1/sessions",
                               R"({"name":"alice","password":"correct horse","device":"Phone"})");
  const auto list = world.get(alice, "/v1/sessions");
  EXPECT_EQ(list.at("sessions"), "[2]");
  EXPECT_EQ(list.at("more"), "false");
  const int phone = list.at("sessions[0].device") == "Phone" ? 0 : 1;
  const std::string at = "sessions[" + std::to_string(phone) + "].";
  EXPECT_EQ(list.at(at + "id"), other.at("session.id"));
  EXPECT_EQ(list.at(at + "current"), "false");
  EXPECT_EQ(list.at("sessions[" + std::to_string(1 - phone) + "].current"), "true");

  const auto page = world.get(alice, "/v1/sessions?limit=1");
  EXPECT_EQ(page.at("more"), "true");
  EXPECT_EQ(world.get(alice, "/v1/sessions?limit=1&cursor=" + page.at("cursor")).at("sessions"),
            "[1]");
  EXPECT_EQ(world.get(alice, "/v1/sessions?cursor=nonsense").code(), "invalid-cursor");

  const std::string path = "/v1/sessions/" + other.at("session.id");
  EXPECT_EQ(world.remove(bob, path).code(), "unknown-session");
  EXPECT_EQ(world.remove(alice, path).status(), 204);
  EXPECT_EQ(world.remove(alice, path).status(), 204);
  EXPECT_EQ(world.ask(HttpMethod::Get, other.at("session.access_token"), "/v1/me").status(), 401);
  EXPECT_EQ(world.remove(alice, "/v1/sessions/nonsense").code(), "unknown-session");
}

TEST(Password, IsChangedByWhoeverKnowsTheOldOne) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto other =
      world.ask(HttpMethod::Post, {}, "/v1/sessions", credentials("alice", "correct horse"));
  const auto change = [&](const char* old_one, const char* new_one) {
    return world.put(alice, "/v1/me/password",
                     R"({"old":")" + std::string(old_one) + R"(","new":")" + new_one + R"("})");
  };
  EXPECT_EQ(change("wrong", "another horse").code(), "bad-credentials");
  EXPECT_EQ(change("correct horse", "short").code(), "weak-password");
  EXPECT_EQ(change("correct horse", "another horse").status(), 204);
  EXPECT_EQ(world.ask(HttpMethod::Get, other.at("session.access_token"), "/v1/me").status(), 401);
  EXPECT_EQ(world.get(alice, "/v1/me").status(), 200);
  EXPECT_EQ(world.ask(HttpMethod::Post, {}, "/v1/sessions", credentials("alice", "another horse"))
                .status(),
            201);
}

TEST(Account, EndsAtOnce) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  const auto group = world.make_group(alice, {"bob"});
  const auto ended = world.remove(alice, "/v1/me");
  EXPECT_EQ(ended.status(), 202);
  EXPECT_EQ(ended.body(), "");
  EXPECT_EQ(world.get(alice, "/v1/me").status(), 401);
  EXPECT_EQ(world.get(bob, "/v1/users/@alice").code(), "unknown-user");
  world.rest();
  block_on(world.worker.end_account.run_due());
  world.pass_cache_life();
  EXPECT_EQ(world.get(bob, "/v1/groups/" + group).at("role"), "owner");
  EXPECT_EQ(
      world.ask(HttpMethod::Post, {}, "/v1/accounts", credentials("alice", "correct horse")).code(),
      "name-taken");
}

TEST(Service, CallsWithItsKeyAndHasNoPassword) {
  ApiWorld world;
  const auto made = block_on(world.worker.services.create("robot", {}));
  ASSERT_TRUE(made);
  const auto me = world.ask(HttpMethod::Get, made->token, "/v1/me");
  EXPECT_EQ(me.at("service"), "true");
  EXPECT_EQ(me.header("RateLimit-Policy"), R"("read";q=30000;w=10)");
  EXPECT_EQ(world
                .ask(HttpMethod::Put, made->token, "/v1/me/password",
                     R"({"old":"a","new":"another horse"})")
                .code(),
            "forbidden");
}

}  // namespace
}  // namespace tidings
