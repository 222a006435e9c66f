#include <gtest/gtest.h>

#include "roles/api/test_api.h"

namespace tidings {
namespace {

TEST(CreateGroup, MakesAGroupWithDefaults) {
  ApiWorld world;
  const Person alice = world.join("alice");
  world.join("bob");
  const auto made = world.post(alice, "/v1/groups",
                               R"({"name":"Climbers","metadata":{"a":1},"members":["@bob"]})");
  EXPECT_EQ(made.status(), 201);
  EXPECT_EQ(made.at("kind"), "group");
  EXPECT_EQ(made.at("name"), "Climbers");
  EXPECT_EQ(made.at("description"), "");
  EXPECT_EQ(made.at("metadata.a"), "1");
  EXPECT_EQ(made.at("visibility"), "private");
  EXPECT_EQ(made.at("history"), "all");
  EXPECT_EQ(made.at("post"), "members");
  EXPECT_EQ(made.at("size"), "2");
  EXPECT_EQ(made.at("push"), "true");
  EXPECT_EQ(made.at("role"), "owner");
  EXPECT_EQ(made.at("created_at"), format_time(world.clock.now()));
  EXPECT_NE(made.at("last_updated"), "");
  EXPECT_EQ(world.get(alice, "/v1/groups/" + made.at("id")).body(), made.body());
}

TEST(CreateGroup, IsSafeToRepeatWithAKey) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto key = Uuid::v4();
  const std::string body = R"({"name":"a","key":")" + key.to_string() + R"("})";
  const auto made = world.post(alice, "/v1/groups", body);
  EXPECT_EQ(made.status(), 201);
  EXPECT_EQ(made.at("id"), keyed_group_id(alice.id, key).to_string());
  const auto again = world.post(alice, "/v1/groups", body);
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(again.at("id"), made.at("id"));
  const auto other =
      world.post(alice, "/v1/groups", R"({"name":"b","key":")" + key.to_string() + R"("})");
  EXPECT_EQ(other.status(), 409);
  EXPECT_EQ(other.code(), "id-conflict");
}

TEST(CreateGroup, HoldsItsLimits) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const auto make = [&](const std::string& fields) {
    world.rest();
    return world.post(alice, "/v1/groups", "{" + fields + "}");
  };
  EXPECT_EQ(make("").field(), "name");
  EXPECT_EQ(make(R"("name":"")").field(), "name");
  EXPECT_EQ(make(R"("name":")" + repeated("é", 100) + '"').status(), 201);
  EXPECT_EQ(make(R"("name":")" + repeated("é", 101) + '"').field(), "name");
  EXPECT_EQ(make(R"("name":"a","description":")" + repeated("é", 1000) + '"').status(), 201);
  EXPECT_EQ(make(R"("name":"a","description":")" + repeated("é", 1001) + '"').field(),
            "description");
  EXPECT_EQ(make(R"("name":"a","metadata":{"a":")" + std::string(4088, 'x') + "\"}").status(), 201);
  EXPECT_EQ(make(R"("name":"a","metadata":{"a":")" + std::string(4089, 'x') + "\"}").field(),
            "metadata");
  EXPECT_EQ(make(R"("name":"a","visibility":"secret")").field(), "visibility");
  EXPECT_EQ(make(R"("name":"a","history":"none")").field(), "history");
  EXPECT_EQ(make(R"("name":"a","post":"nobody")").field(), "post");
  EXPECT_EQ(make(R"("name":"a","key":"x")").field(), "key");
  EXPECT_EQ(make(R"("name":"a","push":true)").field(), "push");
  EXPECT_EQ(make(R"("name":"a","members":["bob"])").field(), "members[0]");
  const auto unknown = make(R"("name":"a","members":["@nobody"])");
  EXPECT_EQ(unknown.code(), "unknown-user");
  EXPECT_EQ(unknown.field(), "members[0]");

  std::string names;
  for (int i = 0; i < 50; ++i) {
    const auto name = "member" + std::to_string(i);
    world.join(name);
    names += (i > 0 ? ",\"@" : "\"@") + name + '"';
  }
  EXPECT_EQ(make(R"("name":"a","members":[)" + names + R"(,"@alice"])").field(), "members");
  EXPECT_EQ(make(R"("name":"a","members":[)" + names + "]").at("size"), "51");
}

TEST(Groups, AreListedAndRead) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  for (int i = 0; i < 3; ++i) world.make_group(alice);
  EXPECT_EQ(world.get(alice, "/v1/groups").at("groups"), "[3]");
  EXPECT_EQ(world.get(bob, "/v1/groups").at("groups"), "[0]");
  const auto page = world.get(alice, "/v1/groups?limit=2");
  EXPECT_EQ(page.at("groups"), "[2]");
  EXPECT_EQ(page.at("more"), "true");
  const auto rest = world.get(alice, "/v1/groups?limit=2&cursor=" + page.at("cursor"));
  EXPECT_EQ(rest.at("groups"), "[1]");
  EXPECT_EQ(rest.at("more"), "false");
  EXPECT_EQ(world.get(alice, "/v1/groups?cursor=x").code(), "invalid-cursor");
  EXPECT_EQ(world.get(alice, "/v1/groups?limit=0").field(), "limit");
  EXPECT_EQ(world.get(alice, "/v1/groups?limit=201").field(), "limit");
}

TEST(Groups, ShowVisitorsTheFaceOfAPublicOne) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  const auto secret = world.make_group(alice);
  const auto open = world.make_group(alice, {}, R"(,"visibility":"public")");
  EXPECT_EQ(world.get(bob, "/v1/groups/" + secret).code(), "unknown-group");
  EXPECT_EQ(world.get(bob, "/v1/groups/nonsense").code(), "unknown-group");
  EXPECT_EQ(world.get(bob, "/v1/groups/" + open).body(),
            R"({"id":")" + open +
                R"(","kind":"group","name":"friends","description":"","size":1,)"
                R"("visibility":"public"})");
  EXPECT_EQ(world.post(bob, "/v1/groups/" + secret + "/join", {}).code(), "unknown-group");
  EXPECT_EQ(world.get(bob, "/v1/groups/" + open + "/messages").code(), "unknown-group");
  const auto joined = world.post(bob, "/v1/groups/" + open + "/join", {});
  EXPECT_EQ(joined.status(), 200);
  EXPECT_EQ(joined.at("user"), "@bob");
  EXPECT_EQ(joined.at("role"), "member");
  EXPECT_EQ(world.post(bob, "/v1/groups/" + open + "/join", {}).status(), 200);
  EXPECT_EQ(world.get(bob, "/v1/groups/" + open).at("role"), "member");
}

TEST(Groups, AreChangedByModeratorsAndOwners) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  const Person carol = world.join("carol");
  const auto group = "/v1/groups/" + world.make_group(alice, {"bob", "carol"});
  EXPECT_EQ(world.put(alice, group + "/members/@bob", R"({"role":"moderator"})").at("role"),
            "moderator");
  const auto renamed = world.patch(
      bob, group, R"({"name":"b","description":"d","metadata":{"x":1},"post":"moderators"})");
  EXPECT_EQ(renamed.status(), 200);
  EXPECT_EQ(renamed.at("name"), "b");
  EXPECT_EQ(renamed.at("post"), "moderators");
  EXPECT_EQ(world.patch(bob, group, R"({"visibility":"public"})").code(), "forbidden");
  EXPECT_EQ(world.patch(carol, group, R"({"name":"c"})").status(), 403);
  EXPECT_EQ(world.patch(alice, group, R"({"visibility":"public","history":"since-joined"})")
                .at("history"),
            "since-joined");
  EXPECT_EQ(world.patch(alice, group, R"({"name":""})").field(), "name");
  EXPECT_EQ(world.patch(alice, group, R"({"kind":"direct"})").field(), "kind");

  EXPECT_EQ(world.remove(bob, group).code(), "forbidden");
  EXPECT_EQ(world.remove(alice, group).status(), 204);
  EXPECT_EQ(world.remove(alice, group).code(), "unknown-group");
}

TEST(Members, AreListedAddedRaisedAndRemoved) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  const Person carol = world.join("carol");
  const auto group = "/v1/groups/" + world.make_group(alice, {"bob"});
  const auto added = world.put(alice, group + "/members/%40carol", R"({"role":"reader"})");
  EXPECT_EQ(added.status(), 200);
  EXPECT_EQ(added.at("user"), "@carol");
  EXPECT_EQ(added.at("role"), "reader");
  EXPECT_EQ(added.at("joined_at"), format_time(world.clock.now()));

  const auto list = world.get(carol, group + "/members");
  EXPECT_EQ(list.at("members"), "[3]");
  const auto page = world.get(carol, group + "/members?limit=2");
  EXPECT_EQ(page.at("more"), "true");
  EXPECT_EQ(world.get(carol, group + "/members?cursor=" + page.at("cursor")).at("members"), "[1]");
  EXPECT_EQ(world.get(carol, group + "/members?cursor=x").code(), "invalid-cursor");

  EXPECT_EQ(world.put(bob, group + "/members/@bob", R"({"role":"owner"})").code(), "forbidden");
  EXPECT_EQ(world.put(bob, group + "/members/@carol", R"({"role":"member"})").code(), "forbidden");
  EXPECT_EQ(world.put(alice, group + "/members/@alice", R"({"role":"member"})").code(),
            "last-owner");
  EXPECT_EQ(world.remove(alice, group + "/members/@alice").status(), 409);
  EXPECT_EQ(world.put(alice, group + "/members/@nobody", R"({"role":"member"})").code(),
            "unknown-user");
  EXPECT_EQ(world.put(alice, group + "/members/bob", R"({"role":"member"})").code(),
            "unknown-user");
  EXPECT_EQ(world.put(alice, group + "/members/@bob", R"({"role":"none"})").field(), "role");
  EXPECT_EQ(world.put(alice, group + "/members/@bob", "{}").field(), "role");

  EXPECT_EQ(world.remove(alice, group + "/members/@carol").status(), 204);
  EXPECT_EQ(world.remove(alice, group + "/members/@carol").status(), 204);
  EXPECT_EQ(world.get(carol, group).code(), "unknown-group");
  EXPECT_EQ(world.remove(bob, group + "/members/@bob").status(), 204);
}

TEST(Members, OfADirectGroupAreFixed) {
  ApiWorld world;
  const Person alice = world.join("alice");
  const Person bob = world.join("bob");
  world.join("carol");
  world.say(alice, "@bob", "hi");
  const auto group = "/v1/groups/" + direct_group_id(alice.id, bob.id).to_string();
  EXPECT_EQ(world.get(alice, group).at("kind"), "direct");
  EXPECT_EQ(world.get(alice, group).at("size"), "2");
  EXPECT_EQ(world.put(alice, group + "/members/@carol", R"({"role":"member"})").code(),
            "forbidden");
  EXPECT_EQ(world.remove(alice, group + "/members/@alice").code(), "forbidden");
  EXPECT_EQ(world.patch(alice, group, R"({"name":"us"})").code(), "forbidden");
  EXPECT_EQ(world.remove(alice, group).code(), "forbidden");
}

}  // namespace
}  // namespace tidings
