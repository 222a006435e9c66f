#include <gtest/gtest.h>

#include "roles/api/test_api.h"

namespace tidings {
namespace {

TEST(Me, IsReadAndChanged) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto changed = world.patch(
      alice, "/v1/me",
      R"({"display_name":"Alice A.","accepts_direct":"nobody","metadata":{"b":1,"a":[1.0]}})");
  EXPECT_EQ(changed.status(), 200);
  const auto me = world.get(alice, "/v1/me");
  EXPECT_EQ(me.body(), changed.body());
  EXPECT_EQ(me.at("display_name"), "Alice A.");
  EXPECT_EQ(me.at("accepts_direct"), "nobody");
  EXPECT_EQ(me.at("metadata.a[0]"), "1.0");
  EXPECT_EQ(world.patch(alice, "/v1/me", R"({"metadata":{}})").at("metadata"), "{0}");
}

TEST(Me, HoldsItsLimits) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto status_of = [&](const std::string& body) {
    return world.patch(alice, "/v1/me", body).status();
  };
  EXPECT_EQ(status_of(R"({"display_name":""})"), 400);
  EXPECT_EQ(status_of(R"({"display_name":")" + repeated("é", 64) + R"("})"), 200);
  EXPECT_EQ(status_of(R"({"display_name":")" + repeated("é", 65) + R"("})"), 400);
  EXPECT_EQ(status_of(R"({"accepts_direct":"friends"})"), 400);
  EXPECT_EQ(status_of(R"({"metadata":{"a": ")" + std::string(4088, 'x') + R"("}})"), 200);
  EXPECT_EQ(status_of(R"({"metadata":{"a": ")" + std::string(4089, 'x') + R"("}})"), 400);
  EXPECT_EQ(status_of(R"({"metadata":null})"), 400);
}

TEST(OwnStatus, IsShownToThoseWhoShareAGroup) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  world.join("eve");
  const auto put = [&](const char* body) { return world.put(alice, "/v1/me/status", body); };
  EXPECT_EQ(put(R"({"status":"busy","text":"In a meeting"})").at("status"), "busy");
  world.make_group(alice, {"bob"});
  world.pass_cache_life();
  EXPECT_EQ(world.get(bob, "/v1/users/@alice").at("status"), "busy");
  EXPECT_EQ(world.get(bob, "/v1/users/%40alice").at("status_text"), "In a meeting");
  EXPECT_NE(world.get(bob, "/v1/users/@alice").at("last_seen"), "");
  const auto stranger = world.get(bob, "/v1/users/@eve");
  EXPECT_EQ(stranger.status(), 200);
  EXPECT_EQ(stranger.at("display_name"), "eve");
  EXPECT_EQ(stranger.at("status"), "");
  EXPECT_EQ(stranger.at("last_seen"), "");

  EXPECT_EQ(put(R"({"status":"invisible"})").at("status_text"), "In a meeting");
  world.pass_cache_life();
  EXPECT_EQ(world.get(bob, "/v1/users/@alice").at("status"), "offline");

  EXPECT_EQ(put(R"({"status":"offline"})").field(), "status");
  EXPECT_EQ(put(R"({"text":"a"})").field(), "status");
  EXPECT_EQ(put((R"({"status":"auto","text":")" + repeated("é", 100) + R"("})").c_str()).status(),
            200);
  EXPECT_EQ(put((R"({"status":"auto","text":")" + repeated("é", 101) + R"("})").c_str()).status(),
            400);
}

TEST(Users, AreKnownByTheirNames) {
  ApiWorld world;
  const Person alice = world.join("alice");
  for (const char* name : {"@nobody", "alice", "@Alice", "@", "@a", "%40%40alice", "@alice%00"}) {
    const auto answer = world.get(alice, "/v1/users/" + std::string(name));
    EXPECT_EQ(answer.status(), 404) << name;
  }
  EXPECT_EQ(world.get(alice, "/v1/users/@nobody").code(), "unknown-user");
}

TEST(Blocks, RefuseDirectMessagesAndInvitations) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  EXPECT_EQ(world.put(alice, "/v1/me/blocks/@bob", {}).status(), 204);
  EXPECT_EQ(world.put(alice, "/v1/me/blocks/@bob", {}).status(), 204);
  const auto sent = world.post(bob, "/v1/messages", R"({"to":["@alice"],"text":"hi"})");
  EXPECT_EQ(sent.status(), 403);
  EXPECT_EQ(sent.code(), "not-accepted");
  const auto invited = world.post(bob, "/v1/groups", R"({"name":"a","members":["@alice"]})");
  EXPECT_EQ(invited.code(), "not-accepted");
  EXPECT_EQ(invited.field(), "members[0]");

  EXPECT_EQ(world.remove(alice, "/v1/me/blocks/@bob").status(), 204);
  EXPECT_EQ(world.remove(alice, "/v1/me/blocks/@bob").status(), 204);
  EXPECT_EQ(world.post(bob, "/v1/messages", R"({"to":["@alice"],"text":"hi"})").status(), 201);
  EXPECT_EQ(world.put(alice, "/v1/me/blocks/@nobody", {}).code(), "unknown-user");
  EXPECT_EQ(world.put(alice, "/v1/me/blocks/@alice", {}).code(), "forbidden");
}

}  // namespace
}  // namespace tidings
