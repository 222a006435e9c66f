#include <gtest/gtest.h>

#include "base/bytes.h"
#include "roles/api/test_api.h"

namespace tidings {
namespace {

// A sender with a group, whose bucket is full for each send.
struct Sender : ApiWorld {
  Person alice = join("alice");
  Person bob = join("bob");
  std::string group = make_group(alice, {"bob"});

  Answer send(const std::string& fields) {
    rest();
    return put(alice, "/v1/messages/" + mint(alice),
               R"({"to":[")" + group + R"("],)" + fields + "}");
  }
  Answer send_to(const std::string& to) {
    rest();
    return put(alice, "/v1/messages/" + mint(alice), R"({"to":)" + to + R"(,"text":"a"})");
  }
};

std::string quoted(std::size_t count, std::string_view text) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    list += (i > 0 ? ",\"" : "\"") + std::string(text) + '"';
  }
  return "[" + list + "]";
}

TEST(PutMessage, StoresOnceAndKeepsTheIdForEver) {
  Sender world;
  const auto id = world.mint(world.alice);
  const std::string path = "/v1/messages/" + id;
  const std::string body = R"({"to":[")" + world.group + R"("],"text":"hello"})";
  const auto stored = world.put(world.alice, path, body);
  EXPECT_EQ(stored.status(), 201);
  EXPECT_EQ(stored.at("id"), id);
  EXPECT_EQ(stored.at("sent_at"), format_time(world.clock.now()));
  EXPECT_EQ(stored.at("received_at"), format_time(world.clock.now()));
  EXPECT_EQ(stored.at("late"), "false");
  EXPECT_EQ(stored.at("groups[0].id"), world.group);
  EXPECT_EQ(stored.at("groups[0].name"), "friends");
  EXPECT_EQ(stored.at("groups[0].stored"), "new");
  EXPECT_EQ(stored.at("server_time"), format_time(world.clock.now()));

  const auto again = world.put(
      world.alice, path,
      R"({ "text":"hell\u006f","links":[],"kind":"text","to":[")" + world.group + R"("]})");
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(again.at("groups[0].stored"), "already");
  EXPECT_EQ(again.at("received_at"), stored.at("received_at"));

  const auto other =
      world.put(world.alice, path, R"({"to":[")" + world.group + R"("],"text":"goodbye"})");
  EXPECT_EQ(other.status(), 409);
  EXPECT_EQ(other.code(), "id-conflict");
}

TEST(PutMessage, WritesTheAuthorsTagIntoWhateverItIsGiven) {
  Sender world;
  const auto id = Uuid::v7(world.clock.now());
  const auto stored =
      world.put(world.alice, "/v1/messages/" + id.to_string(), R"({"to":["@bob"],"text":"a"})");
  EXPECT_EQ(stored.at("id"), MessageId{id}.tagged(world.alice.id).to_string());
  EXPECT_EQ(world
                .put(world.alice, "/v1/messages/" + Uuid::v4().to_string(),
                     R"({"to":["@bob"],"text":"a"})")
                .field(),
            "id");
  EXPECT_EQ(world.put(world.alice, "/v1/messages/x", R"({"to":["@bob"],"text":"a"})").field(),
            "id");
}

TEST(PutMessage, JudgesEachTargetAlone) {
  Sender world;
  const auto other = world.make_group(world.bob);
  const auto path = "/v1/messages/" + world.mint(world.alice);
  const std::string body =
      R"({"to":["@nobody",")" + other + R"(","@bob",")" + world.group + R"("],"text":"a"})";
  const auto sent = world.put(world.alice, path, body);
  EXPECT_EQ(sent.status(), 201);
  EXPECT_EQ(sent.at("groups[0].to"), "@nobody");
  EXPECT_EQ(sent.at("groups[0].problem.code"), "unknown-user");
  EXPECT_EQ(sent.at("groups[1].id"), other);
  EXPECT_EQ(sent.at("groups[1].problem.code"), "unknown-group");
  EXPECT_EQ(sent.at("groups[1].problem.status"), "404");
  EXPECT_EQ(sent.at("groups[2].stored"), "new");
  EXPECT_EQ(sent.at("groups[2].id"), direct_group_id(world.alice.id, world.bob.id).to_string());
  EXPECT_EQ(sent.at("groups[3].stored"), "new");
  EXPECT_EQ(world.put(world.alice, path, body).status(), 200);

  EXPECT_EQ(world.send_to(R"(["@nobody",")" + other + R"("])").code(), "unknown-user");
  EXPECT_EQ(world.send_to(R"([")" + other + R"(","@nobody"])").code(), "unknown-group");
}

TEST(PutMessage, TakesOneToTenDifferentTargets) {
  Sender world;
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += (i > 0 ? ",\"" : "\"") + Uuid::v4().to_string() + '"';
  EXPECT_EQ(world.send_to("[" + ten + "]").code(), "unknown-group");
  EXPECT_EQ(world.send_to("[" + ten + R"(,"@bob"])").field(), "to");
  EXPECT_EQ(world.send_to("[]").field(), "to");
  EXPECT_EQ(world.send_to(R"(["@bob","@bob"])").field(), "to[1]");
  EXPECT_EQ(world.send_to(R"(["@bob","bob"])").field(), "to[1]");
  EXPECT_EQ(world.send_to(R"("@bob")").field(), "to");
  world.rest();
  EXPECT_EQ(world.post(world.alice, "/v1/messages", R"({"text":"a"})").field(), "to");
}

TEST(PutMessage, HoldsTextsToTheirLimits) {
  Sender world;
  const auto text = [&](const std::string& text) { return world.send(R"("text":")" + text + '"'); };
  EXPECT_EQ(text("").field(), "text");
  EXPECT_EQ(text(repeated("🙂", 10'000)).status(), 201);
  EXPECT_EQ(text(repeated("a", 10'000)).status(), 201);
  const auto too_long = text(repeated("a", 10'001));
  EXPECT_EQ(too_long.status(), 422);
  EXPECT_EQ(too_long.code(), "text-too-long");
  EXPECT_EQ(world.send(R"("kind":"text")").field(), "text");
  EXPECT_EQ(world.send(R"("kind":"shout","text":"a")").field(), "kind");
}

TEST(PutMessage, HoldsLinksMentionsAndMetadataToTheirLimits) {
  Sender world;
  const auto with = [&](const std::string& field) { return world.send(R"("text":"a",)" + field); };
  EXPECT_EQ(with(R"("links":)" + quoted(20, "https://a")).status(), 201);
  EXPECT_EQ(with(R"("links":)" + quoted(21, "https://a")).field(), "links");
  EXPECT_EQ(with(R"("links":)" + quoted(1, "https://" + std::string(2040, 'a'))).status(), 201);
  EXPECT_EQ(with(R"("links":)" + quoted(1, "https://" + std::string(2041, 'a'))).field(),
            "links[0]");
  EXPECT_EQ(with(R"("links":["http://a","media:b","ftp://c"])").field(), "links[2]");
  EXPECT_EQ(with(R"("links":["javascript:alert"])").field(), "links[0]");
  EXPECT_EQ(with(R"("mentions":)" + quoted(20, "@bob")).status(), 201);
  EXPECT_EQ(with(R"("mentions":)" + quoted(21, "@bob")).field(), "mentions");
  world.join("eve");
  EXPECT_EQ(with(R"("mentions":["@bob","@eve"])").field(), "mentions[1]");
  EXPECT_EQ(with(R"("mentions":["bob"])").field(), "mentions[0]");
  EXPECT_EQ(with(R"("metadata":{"a" : ")" + std::string(4088, 'x') + R"("})").status(), 201);
  EXPECT_EQ(with(R"("metadata":{"a" : ")" + std::string(4089, 'x') + R"("})").field(), "metadata");
  EXPECT_EQ(with(R"("metadata":[])").field(), "metadata");
  EXPECT_EQ(with(R"("reply_to":"x")").field(), "reply_to");
  EXPECT_EQ(with(R"("subject":"x")").field(), "subject");
}

TEST(PutMessage, HoldsOpaqueMessagesToTheirLimits) {
  Sender world;
  const auto opaque = [&](const std::string& ciphertext, const std::string& scheme) {
    return world.send(R"("kind":"opaque","ciphertext":")" + ciphertext + R"(","scheme":")" +
                      scheme + '"');
  };
  EXPECT_EQ(opaque(to_base64(std::string(64 * 1024, 'x')), std::string(64, 's')).status(), 201);
  EXPECT_EQ(opaque(to_base64(std::string(64 * 1024 + 1, 'x')), "mls").field(), "ciphertext");
  EXPECT_EQ(opaque("aGk", "mls").field(), "ciphertext");
  EXPECT_EQ(opaque("", "mls").field(), "ciphertext");
  EXPECT_EQ(opaque("aGk=", std::string(65, 's')).field(), "scheme");
  EXPECT_EQ(opaque("aGk=", "").field(), "scheme");
}

TEST(PutMessage, AmendsWhatWasSaid) {
  Sender world;
  const auto id = world.say(world.alice, world.group, "helo");
  const auto target = R"("target":")" + id + '"';
  EXPECT_EQ(world.send(R"("kind":"edit","text":"hello",)" + target).status(), 201);
  EXPECT_EQ(world.send(R"("kind":"reaction","emoji":"👍",)" + target).status(), 201);
  const auto path = "/v1/groups/" + world.group + "/messages/" + id;
  const auto shown = world.get(world.bob, path);
  EXPECT_EQ(shown.at("text"), "hello");
  EXPECT_NE(shown.at("edited_at"), "");
  EXPECT_EQ(shown.at("reactions[0].emoji"), "👍");
  EXPECT_EQ(shown.at("reactions[0].count"), "1");
  EXPECT_EQ(shown.at("reactions[0].me"), "false");
  EXPECT_EQ(world.get(world.alice, path).at("reactions[0].me"), "true");
  EXPECT_EQ(world.send(R"("kind":"reaction","emoji":"👍","remove":true,)" + target).status(), 201);
  EXPECT_EQ(world.get(world.bob, path).at("reactions"), "");
  EXPECT_EQ(world.send(R"("kind":"delete",)" + target).status(), 201);
  const auto deleted = world.get(world.bob, path);
  EXPECT_EQ(deleted.at("deleted"), "true");
  EXPECT_EQ(deleted.at("text"), "");
}

TEST(PutMessage, RefusesAmendmentsThatAreNotTheSenders) {
  Sender world;
  const auto id = world.say(world.bob, world.group, "mine");
  const auto target = R"("target":")" + id + '"';
  EXPECT_EQ(world.send(R"("kind":"edit","text":"x",)" + target).code(), "forbidden");
  EXPECT_EQ(
      world.send(R"("kind":"edit","text":"x","target":")" + world.mint(world.alice) + '"').code(),
      "unknown-message");
  EXPECT_EQ(world.send(R"("kind":"edit","text":"x")").field(), "target");
  EXPECT_EQ(world.send(R"("kind":"reaction",)" + target).field(), "emoji");
  EXPECT_EQ(
      world.send(R"("kind":"reaction","emoji":")" + std::string(32, 'e') + "\"," + target).status(),
      201);
  EXPECT_EQ(
      world.send(R"("kind":"reaction","emoji":")" + std::string(33, 'e') + "\"," + target).field(),
      "emoji");
  world.rest();
  EXPECT_EQ(world
                .put(world.alice, "/v1/messages/" + world.mint(world.alice),
                     R"({"to":["@bob",")" + world.group + R"("],"kind":"delete",)" + target + "}")
                .field(),
            "to");
}

TEST(PutMessage, TakesTwentyEmojiOnAMessage) {
  Sender world;
  const auto id = world.say(world.bob, world.group, "mine");
  const auto react = [&](int n) {
    return world.send(R"("kind":"reaction","emoji":"e)" + std::to_string(n) + R"(","target":")" +
                      id + '"');
  };
  for (int i = 0; i < 20; ++i) EXPECT_EQ(react(i).status(), 201);
  const auto refused = react(20);
  EXPECT_EQ(refused.status(), 422);
  EXPECT_EQ(refused.code(), "too-many-reactions");
}

TEST(PutMessage, KeepsReactionsOutOfGroupsThatAreNotPushed) {
  Sender world;
  const auto id = world.say(world.bob, world.group, "mine");
  auto stored = world.stored(*GroupId::parse(world.group));
  stored.push = false;
  ASSERT_TRUE(block_on(static_cast<PeopleStores&>(world).groups.compare_and_set(stored)).value());
  world.rest();
  const auto refused = world.send(R"("kind":"reaction","emoji":"e","target":")" + id + '"');
  EXPECT_EQ(refused.status(), 403);
  EXPECT_EQ(refused.code(), "not-here");
}

TEST(PutMessage, JudgesTheTimeOfSending) {
  Sender world;
  const auto send_at = [&](Time sent_at) {
    world.rest();
    return world.put(world.alice, "/v1/messages/" + world.mint(world.alice, sent_at),
                     R"({"to":["@bob"],"text":"a"})");
  };
  EXPECT_EQ(send_at(world.clock.now() + seconds(20)).status(), 201);  // 10 s ahead after the rest
  const auto ahead = send_at(world.clock.now() + seconds(20) + milliseconds(1));
  EXPECT_EQ(ahead.status(), 422);
  EXPECT_EQ(ahead.code(), "clock-ahead");
  const auto late = send_at(world.clock.now() + seconds(10) - seconds(6));
  EXPECT_EQ(late.status(), 201);
  EXPECT_EQ(late.at("late"), "true");
  EXPECT_EQ(send_at(world.clock.now() + seconds(10) - kTooOldAfter).status(), 201);
  const auto old = send_at(world.clock.now() + seconds(10) - kTooOldAfter - milliseconds(1));
  EXPECT_EQ(old.status(), 422);
  EXPECT_EQ(old.code(), "too-old");
}

TEST(PutMessage, ObeysTheRulesOfTheGroup) {
  Sender world;
  const auto path = "/v1/groups/" + world.group;
  world.put(world.alice, path + "/members/@bob", R"({"role":"reader"})");
  const auto body = R"({"to":[")" + world.group + R"("],"text":"a"})";
  EXPECT_EQ(world.post(world.bob, "/v1/messages", body).code(), "forbidden");
  world.put(world.alice, path + "/members/@bob", R"({"role":"member"})");
  EXPECT_EQ(world.post(world.bob, "/v1/messages", body).status(), 201);
  world.patch(world.alice, path, R"({"post":"moderators"})");
  EXPECT_EQ(world.post(world.bob, "/v1/messages", body).code(), "forbidden");
}

TEST(PutMessage, CostsATokenATargetAndAReplayNone) {
  Sender world;
  const auto path = "/v1/messages/" + world.mint(world.alice);
  const auto body = R"({"to":["@bob",")" + world.group + R"("],"text":"a"})";
  EXPECT_EQ(world.put(world.alice, path, body).header("RateLimit"), R"("send";r=8;t=2)");
  EXPECT_EQ(world.put(world.alice, path, body).header("RateLimit-Policy"), R"("read";q=300;w=10)");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(world.post(world.alice, "/v1/messages", body).status(), 201);
  }
  const auto refused = world.post(world.alice, "/v1/messages", body);
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.header("RateLimit-Policy"), R"("send";q=10;w=10)");
  EXPECT_EQ(refused.header("Retry-After"), "2");
  EXPECT_EQ(world.put(world.alice, path, body).status(), 200);
}

TEST(PutMessage, SaysWhatTheBucketHoldsThatRefused) {
  Sender world;
  const auto one = R"({"to":["@bob"],"text":"a"})";
  ASSERT_EQ(world.post(world.alice, "/v1/messages", one).status(), 201);
  const auto ten = R"({"to":["@a0","@a1","@a2","@a3","@a4","@a5","@a6","@a7","@a8","@a9"],)"
                   R"("text":"a"})";
  const auto refused = world.post(world.alice, "/v1/messages", ten);
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("RateLimit"), R"("send";r=9;t=1)");
}

TEST(PutMessage, SaysWhatTheBucketHoldsWhenItWasRefusedForAnotherReason) {
  Sender world;
  const auto to_nobody =
      world.post(world.alice, "/v1/messages", R"({"to":["@nobody"],"text":"a"})");
  EXPECT_EQ(to_nobody.code(), "unknown-user");
  EXPECT_EQ(to_nobody.header("RateLimit-Policy"), R"("send";q=10;w=10)");
  EXPECT_EQ(to_nobody.header("RateLimit"), R"("send";r=9;t=1)");
  const auto unpaid = world.post(world.alice, "/v1/messages", R"({"to":[],"text":"a"})");
  EXPECT_EQ(unpaid.status(), 400);
  EXPECT_EQ(unpaid.header("RateLimit"), "");
}

TEST(PutMessage, NamesTheBucketThatRefusedAReplay) {
  Sender world;
  const auto path = "/v1/messages/" + world.mint(world.alice);
  const auto body = R"({"to":["@bob"],"text":"a"})";
  ASSERT_EQ(world.put(world.alice, path, body).status(), 201);
  while (world.get(world.alice, "/v1/me").status() == 200) {
  }
  const auto refused = world.put(world.alice, path, body);
  EXPECT_EQ(refused.status(), 429);
  EXPECT_EQ(refused.header("RateLimit-Policy"), R"("read";q=300;w=10)");
  EXPECT_EQ(refused.header("RateLimit"), R"("read";r=0;t=10)");
  const auto fresh = "/v1/messages/" + world.mint(world.alice);
  EXPECT_EQ(world.put(world.alice, fresh, body).header("RateLimit-Policy"), R"("send";q=10;w=10)");
}

TEST(PostMessage, MintsAnId) {
  Sender world;
  const auto body = R"({"to":["@bob"],"text":"a"})";
  const auto one = world.post(world.alice, "/v1/messages", body);
  const auto other = world.post(world.alice, "/v1/messages", body);
  EXPECT_EQ(one.status(), 201);
  EXPECT_TRUE(MessageId::parse(one.at("id")));
  EXPECT_NE(one.at("id"), other.at("id"));
}

}  // namespace
}  // namespace tidings
