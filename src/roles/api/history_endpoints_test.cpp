#include <gtest/gtest.h>

#include "roles/api/test_api.h"

namespace tidings {
namespace {

struct Conversation : ApiWorld {
  Person alice = join("alice");
  Person bob = join("bob");
  std::string group = make_group(alice, {"bob"});
  std::string path = "/v1/groups/" + group + "/messages";
  std::vector<std::string> ids;

  Conversation() {
    for (int i = 0; i < 5; ++i) ids.push_back(say(alice, group, "n" + std::to_string(i)));
  }
  Answer page(const std::string& query, Headers headers = {}) {
    return get(bob, path + "?" + query, std::move(headers));
  }
};

TEST(HistoryEndpoint, PagesInBothDirections) {
  Conversation world;
  const auto newest = world.page("limit=2");
  EXPECT_EQ(newest.at("messages"), "[2]");
  EXPECT_EQ(newest.at("messages[0].text"), "n3");
  EXPECT_EQ(newest.at("has_before"), "true");
  EXPECT_EQ(newest.at("has_after"), "false");
  EXPECT_EQ(world.page("limit=2&before=" + world.ids[3]).at("messages[0].text"), "n1");
  EXPECT_EQ(world.page("limit=2&after=" + world.ids[1]).at("messages[0].text"), "n2");
  const auto between = world.page("limit=2&after=" + world.ids[0] + "&before=" + world.ids[4]);
  EXPECT_EQ(between.at("messages[0].text"), "n1");
  EXPECT_EQ(between.at("messages[1].text"), "n2");
  const auto around = world.page("limit=3&around=" + world.ids[2]);
  EXPECT_EQ(around.at("messages[1].text"), "n2");
  const auto all = world.page("before=" + kLastMessageId.to_string());
  EXPECT_EQ(all.at("messages"), "[5]");
  EXPECT_EQ(all.at("has_before"), "false");
}

TEST(HistoryEndpoint, RefusesBoundsThatAreNone) {
  Conversation world;
  EXPECT_EQ(world.page("before=x").field(), "before");
  EXPECT_EQ(world.page("after=" + Uuid::v4().to_string()).field(), "after");
  EXPECT_EQ(world.page("around=" + world.ids[1] + "&after=" + world.ids[0]).field(), "around");
  EXPECT_EQ(world.page("limit=0").field(), "limit");
  EXPECT_EQ(world.page("limit=201").field(), "limit");
  EXPECT_EQ(world.page("limit=200").status(), 200);
}

TEST(HistoryEndpoint, HasAnETagThatSavesTheBytes) {
  Conversation world;
  const auto page = world.page("limit=2");
  const auto tag = page.header("ETag");
  EXPECT_EQ(tag.size(), 18u);
  EXPECT_EQ(page.header("Cache-Control"), "private, no-cache");
  world.rest();
  for (const auto& known : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
    const auto same = world.page("limit=2", {{"if-none-match", known}});
    EXPECT_EQ(same.status(), 304) << known;
    EXPECT_EQ(same.body(), "");
    EXPECT_EQ(same.header("ETag"), tag);
    EXPECT_EQ(same.header("Cache-Control"), "private, no-cache");
  }
  world.say(world.alice, world.group, "n5");
  const auto other = world.page("limit=2", {{"if-none-match", tag}});
  EXPECT_EQ(other.status(), 200);
  EXPECT_NE(other.header("ETag"), tag);
}

TEST(HistoryEndpoint, GivesRowsById) {
  Conversation world;
  const auto rows =
      world.page("ids=" + world.ids[3] + "," + world.mint(world.bob) + "," + world.ids[1]);
  EXPECT_EQ(rows.at("messages"), "[2]");
  EXPECT_EQ(rows.at("messages[0].text"), "n1");
  EXPECT_EQ(rows.at("has_before"), "");
  std::string many = world.ids[0];
  for (int i = 1; i < 100; ++i) many += "," + world.mint(world.bob);
  EXPECT_EQ(world.page("ids=" + many).status(), 200);
  EXPECT_EQ(world.page("ids=" + many + "," + world.ids[1]).field(), "ids");
  EXPECT_EQ(world.page("ids=").field(), "ids");
  EXPECT_EQ(world.page("ids=x").field(), "ids");
  EXPECT_EQ(world.page("ids=" + world.ids[0] + "&limit=1").field(), "limit");
}

TEST(HistoryEndpoint, GivesOneMessage) {
  Conversation world;
  EXPECT_EQ(world.get(world.bob, world.path + "/" + world.ids[2]).at("text"), "n2");
  EXPECT_EQ(world.get(world.bob, world.path + "/" + world.mint(world.bob)).code(),
            "unknown-message");
  EXPECT_EQ(world.get(world.bob, world.path + "/x").code(), "unknown-message");
}

}  // namespace
}  // namespace tidings
