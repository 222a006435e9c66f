#include "roles/api/test_api.h"

namespace tidings {
namespace {

struct OpsWorld : ApiWorld {
  OpsWorld() { EXPECT_TRUE(block_on(worker.accounts.set_admin("root", true)).has_value()); }
  Person root = join("root");
  Person alice = join("alice");
};

TEST(Ops, FiguresAreThoseOfTheServer) {
  OpsWorld world;
  world.figures.process = "serve here:7400 1f";
  world.figures.role = "serve";
  world.figures.version = "7";
  world.figures.stored = 12;
  world.figures.queue_leased = 3;
  world.figures.busy_groups = {{GroupId{Uuid::v5({}, "loud")}, 90}};
  const auto answer = world.get(world.root, "/v1/ops/figures");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.at("process"), "serve here:7400 1f");
  EXPECT_EQ(answer.at("role"), "serve");
  EXPECT_EQ(answer.at("version"), "7");
  EXPECT_EQ(answer.at("stored"), "12");
  EXPECT_EQ(answer.at("queue_leased"), "3");
  EXPECT_EQ(answer.at("busy_groups[0].per_minute"), "90");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST(Ops, AreForAdminsAloneAndOnlyAsLongAsTheyAreSo) {
  OpsWorld world;
  EXPECT_EQ(world.get(world.alice, "/v1/ops/figures").code(), "forbidden");
  ASSERT_TRUE(block_on(world.worker.accounts.set_admin("root", false)).has_value());
  EXPECT_EQ(world.get(world.root, "/v1/ops/figures").code(), "forbidden");
  EXPECT_EQ(world.ask(HttpMethod::Get, {}, "/v1/ops/figures").code(), "unauthenticated");
}

TEST(Ops, AreForNoService) {
  OpsWorld world;
  const std::string token =
      world.post(world.root, "/v1/ops/services", R"({"name":"weather"})").at("token");
  EXPECT_EQ(world.ask(HttpMethod::Get, token, "/v1/ops/figures").code(), "forbidden");
}

TEST(Ops, TellWhoHasTheRoleSoInTheirOwnProfileOnly) {
  OpsWorld world;
  EXPECT_EQ(world.get(world.root, "/v1/me").at("admin"), "true");
  EXPECT_EQ(world.get(world.alice, "/v1/me").at("admin"), "");
  EXPECT_EQ(world.get(world.alice, "/v1/users/@root").at("admin"), "");
}

TEST(Ops, AccountsAreListedDisabledAndEnabled) {
  OpsWorld world;
  const auto all = world.get(world.root, "/v1/ops/accounts");
  EXPECT_EQ(all.at("accounts"), "[2]");
  EXPECT_EQ(all.at("accounts[0].name"), "alice");
  EXPECT_EQ(all.at("accounts[1].admin"), "true");
  EXPECT_EQ(all.at("more"), "false");
  EXPECT_EQ(world.get(world.root, "/v1/ops/accounts?after=alice").at("accounts[0].name"), "root");

  const auto disable = [&](const char* value) {
    return world.patch(world.root, "/v1/ops/accounts/@alice",
                       std::string(R"({"disabled":)") + value + "}");
  };
  EXPECT_EQ(disable("true").at("disabled"), "true");
  EXPECT_EQ(world.get(world.alice, "/v1/me").code(), "unauthenticated");
  EXPECT_EQ(disable("false").at("disabled"), "false");
  EXPECT_TRUE(world.sign_in("alice").has_value());
  EXPECT_EQ(disable("7").field(), "disabled");
  EXPECT_EQ(world.patch(world.root, "/v1/ops/accounts/@alice", "{}").field(), "disabled");
  EXPECT_EQ(world.patch(world.root, "/v1/ops/accounts/@alice", R"({"disabled":true,"admin":true})")
                .field(),
            "admin");
  EXPECT_EQ(world.patch(world.root, "/v1/ops/accounts/@nobody", R"({"disabled":true})").code(),
            "unknown-user");
}

TEST(Ops, AccountsAreListedInPagesOfAHundred) {
  OpsWorld world;
  for (int i = 0; i < 100; ++i) {
    User user;
    user.id = UserId{Uuid::v4()};
    user.name = "b" + std::to_string(100 + i);
    ASSERT_TRUE(block_on(world.users.create(user)).has_value());
  }
  const auto first = world.get(world.root, "/v1/ops/accounts");
  EXPECT_EQ(first.at("accounts"), "[100]");
  EXPECT_EQ(first.at("more"), "true");
  EXPECT_EQ(first.at("next"), "b198");
  const auto second = world.get(world.root, "/v1/ops/accounts?after=b198");
  EXPECT_EQ(second.at("accounts"), "[2]");
  EXPECT_EQ(second.at("accounts[1].name"), "root");
  EXPECT_EQ(second.at("more"), "false");
  EXPECT_EQ(second.at("next"), "");
  for (const char* after : {"", "%40alice", "A", "no%20name"}) {
    const auto refused = world.get(world.root, std::string("/v1/ops/accounts?after=") + after);
    EXPECT_EQ(refused.field(), "after") << after;
    EXPECT_EQ(world.get(world.root, std::string("/v1/ops/services?after=") + after).field(),
              "after");
  }
}

TEST(Ops, AnAdminDisablesOtherAdminsButNotThemselves) {
  OpsWorld world;
  const auto refused = world.patch(world.root, "/v1/ops/accounts/@root", R"({"disabled":true})");
  EXPECT_EQ(refused.status(), 403);
  EXPECT_EQ(refused.code(), "forbidden");
  EXPECT_NE(refused.at("detail").find("their own account"), std::string::npos);
  EXPECT_EQ(world.get(world.root, "/v1/ops/figures").status(), 200);
  ASSERT_TRUE(block_on(world.worker.accounts.set_admin("alice", true)).has_value());
  EXPECT_EQ(
      world.patch(world.root, "/v1/ops/accounts/@alice", R"({"disabled":true})").at("disabled"),
      "true");
}

TEST(Ops, KeysAreMadeWithAWholeRateOrTheUsualOne) {
  OpsWorld world;
  const auto make = [&](const char* more) {
    return world.post(world.root, "/v1/ops/services",
                      std::string(R"({"name":"weather")") + more + "}");
  };
  EXPECT_EQ(make(R"(,"rate_count":5,"rate_seconds":2)").status(), 201);
  EXPECT_EQ(make(R"(,"rate_count":0,"rate_seconds":0)").status(), 201);
  EXPECT_EQ(make(R"(,"rate_count":5)").field(), "rate_seconds");
  EXPECT_EQ(make(R"(,"rate_seconds":5)").field(), "rate_seconds");
  EXPECT_EQ(make(R"(,"rate_count":1000001,"rate_seconds":1)").field(), "rate_count");
  EXPECT_EQ(make(R"(,"rate_count":1,"rate_seconds":3601)").field(), "rate_seconds");
  EXPECT_EQ(make(R"(,"import":1)").field(), "import");
  EXPECT_EQ(make(R"(,"admin":true)").field(), "admin");
  EXPECT_EQ(world.post(world.root, "/v1/ops/services", R"({"name":"Weather"})").field(), "name");
  EXPECT_EQ(world.post(world.root, "/v1/ops/services", "{}").field(), "name");
  const auto listed = world.get(world.root, "/v1/ops/services");
  EXPECT_EQ(listed.at("services[0].keys"), "[2]");
}

TEST(Ops, KeysOfServicesAreMadeShownOnceAndRevoked) {
  OpsWorld world;
  const auto made = world.post(world.root, "/v1/ops/services", R"({"name":"weather"})");
  EXPECT_EQ(made.status(), 201);
  const std::string token = made.at("token");
  EXPECT_EQ(world.ask(HttpMethod::Get, token, "/v1/me").at("name"), "weather");

  const auto listed = world.get(world.root, "/v1/ops/services");
  EXPECT_EQ(listed.at("services[0].keys[0].id"), made.at("key"));
  EXPECT_EQ(listed.body().find(token), std::string::npos);

  const std::string keys = "/v1/ops/services/@weather/keys/";
  EXPECT_EQ(world.remove(world.root, keys + "nonsense").code(), "unknown-user");
  EXPECT_EQ(world.remove(world.root, keys + made.at("key")).status(), 204);
  EXPECT_EQ(world.remove(world.root, keys + made.at("key")).status(), 204);  // again
  EXPECT_EQ(world.remove(world.root, "/v1/ops/services/@alice/keys/" + made.at("key")).code(),
            "unknown-user");
  EXPECT_EQ(world.ask(HttpMethod::Get, token, "/v1/me").code(), "unauthenticated");
  EXPECT_NE(world.get(world.root, "/v1/ops/services").at("services[0].keys[0].revoked_at"), "");
  EXPECT_EQ(world.post(world.root, "/v1/ops/services", R"({"name":"alice"})").code(), "name-taken");
}

}  // namespace
}  // namespace tidings
