#include <gtest/gtest.h>

#include "model/digest.h"
#include "roles/api/test_api.h"

namespace tidings {
namespace {

struct Reader : ApiWorld {
  Person alice = join("alice");
  Person bob = join("bob");
  std::string group = make_group(alice, {"bob"});
  std::string path = "/v1/groups/" + group;
};

TEST(Changes, BringAReaderUpToDate) {
  Reader world;
  for (int i = 0; i < 3; ++i) world.say(world.alice, world.group, "n" + std::to_string(i));
  const auto first = world.get(world.bob, world.path + "/changes");
  EXPECT_EQ(first.status(), 200);
  EXPECT_EQ(first.at("messages"), "[3]");
  EXPECT_EQ(first.at("messages[0].text"), "n0");
  EXPECT_EQ(first.at("messages[0].from"), "@alice");
  EXPECT_EQ(first.at("messages[0].from_id"), world.alice.id.to_string());
  EXPECT_EQ(first.at("messages[0].group"), world.group);
  EXPECT_EQ(first.at("messages[0].kind"), "text");
  EXPECT_EQ(first.at("messages[0].late"), "false");
  EXPECT_EQ(first.at("more"), "false");
  EXPECT_EQ(first.at("push"), "true");
  EXPECT_EQ(first.at("digest.to"), "null");
  EXPECT_EQ(first.at("server_time"), format_time(world.clock.now()));
  EXPECT_NE(first.at("next_poll_ms"), "");

  const auto id = world.say(world.alice, world.group, "n3");
  const auto next = world.get(world.bob, world.path + "/changes?cursor=" + first.at("cursor"));
  EXPECT_EQ(next.at("messages"), "[1]");
  EXPECT_EQ(next.at("messages[0].id"), id);
  EXPECT_EQ(world.get(world.bob, world.path + "/changes?fresh=true&cursor=" + next.at("cursor"))
                .at("messages"),
            "[0]");
}

TEST(Changes, TakeALimitATimeOrACursor) {
  Reader world;
  const Time start = world.clock.now();
  for (int i = 0; i < 3; ++i) world.say(world.alice, world.group, "n" + std::to_string(i));
  const auto changes = [&](const std::string& query) {
    return world.get(world.bob, world.path + "/changes?" + query);
  };
  EXPECT_EQ(changes("limit=2").at("messages[0].text"), "n1");
  const auto since = changes("limit=2&since=" + format_time(start));
  EXPECT_EQ(since.at("messages"), "[2]");
  EXPECT_EQ(since.at("more"), "true");
  const auto rest = changes("limit=2&cursor=" + since.at("cursor"));
  EXPECT_EQ(rest.at("messages"), "[1]");
  EXPECT_EQ(rest.at("more"), "false");

  EXPECT_EQ(changes("since=" + format_time(start) + "&cursor=" + rest.at("cursor")).field(),
            "since");
  EXPECT_EQ(changes("since=now").field(), "since");
  EXPECT_EQ(changes("limit=0").field(), "limit");
  EXPECT_EQ(changes("limit=201").field(), "limit");
  EXPECT_EQ(changes("limit=200").status(), 200);
  EXPECT_EQ(changes("fresh=yes").field(), "fresh");
  for (const char* cursor : {"", "x", "AAAA", "%F0%9F%99%82"}) {
    const auto refused = changes("cursor=" + std::string(cursor));
    EXPECT_EQ(refused.status(), 400) << cursor;
    EXPECT_EQ(refused.code(), "invalid-cursor") << cursor;
  }
  EXPECT_EQ(changes("cursor=" + std::string(600, 'A')).code(), "invalid-cursor");
  const auto other = world.make_group(world.bob);
  EXPECT_EQ(
      world.get(world.bob, "/v1/groups/" + other + "/changes?cursor=" + rest.at("cursor")).code(),
      "invalid-cursor");
}

TEST(Changes, ListAmendmentsAsMessagesAndHideWhatWasDeleted) {
  Reader world;
  const auto id = world.say(world.alice, world.group, "secret");
  world.rest();
  world.put(world.alice, "/v1/messages/" + world.mint(world.alice),
            R"({"to":[")" + world.group + R"("],"kind":"delete","target":")" + id + R"("})");
  const auto changes = world.get(world.bob, world.path + "/changes");
  EXPECT_EQ(changes.at("messages[0].deleted"), "true");
  EXPECT_EQ(changes.at("messages[1].kind"), "delete");
  EXPECT_EQ(changes.at("messages[1].target"), id);
  EXPECT_EQ(changes.body().find("secret"), std::string::npos);
}

TEST(Changes, AreCutAtAMebibyte) {
  Reader world;
  const std::string text = repeated("🙂", 10'000);
  for (int i = 0; i < 30; ++i) world.say(world.alice, world.group, text);
  const auto start = "since=" + format_time(from_ms(0));
  const auto first = world.get(world.bob, world.path + "/changes?limit=200&" + start);
  EXPECT_EQ(first.at("more"), "true");
  EXPECT_EQ(first.at("messages"), "[25]");  // 26 of 40,000 bytes and what stands around them: more
  EXPECT_LE(first.body().size(), 1024u * 1024u);
  const auto rest =
      world.get(world.bob, world.path + "/changes?limit=200&cursor=" + first.at("cursor"));
  EXPECT_EQ(rest.at("messages"), "[5]");
  EXPECT_EQ(rest.at("more"), "false");
  const auto page = world.get(world.bob, world.path + "/messages?limit=200");
  EXPECT_EQ(page.at("messages"), "[25]");
  EXPECT_EQ(page.at("has_before"), "true");
}

TEST(Pull, AnswersForSeveralGroupsInTheOrderAsked) {
  Reader world;
  const auto second = world.make_group(world.bob);
  const auto foreign = world.make_group(world.alice);
  world.say(world.alice, world.group, "one");
  const auto pulled = world.post(world.bob, "/v1/pull",
                                 R"({"groups":[{"id":")" + second + R"("},{"id":")" + foreign +
                                     R"("},{"id":")" + world.group + R"("},{"id":")" + world.group +
                                     R"(","cursor":"x"}],"fresh":true})");
  EXPECT_EQ(pulled.status(), 200);
  EXPECT_EQ(pulled.at("results"), "[4]");
  EXPECT_EQ(pulled.at("results[0].id"), second);
  EXPECT_EQ(pulled.at("results[0].messages"), "[0]");
  EXPECT_EQ(pulled.at("results[1].id"), foreign);
  EXPECT_EQ(pulled.at("results[1].problem.code"), "unknown-group");
  EXPECT_EQ(pulled.at("results[2].messages[0].text"), "one");
  EXPECT_NE(pulled.at("results[2].cursor"), "");
  EXPECT_EQ(pulled.at("results[3].problem.code"), "invalid-cursor");
  EXPECT_EQ(pulled.at("server_time"), format_time(world.clock.now()));
}

TEST(Pull, SharesItsLimitAndHoldsTheOthers) {
  Reader world;
  const auto second = world.make_group(world.bob);
  world.say(world.alice, world.group, "one");
  world.say(world.bob, second, "two");
  const auto pull = [&](const std::string& body) {
    return world.post(world.bob, "/v1/pull", body);
  };
  const auto groups = R"("groups":[{"id":")" + world.group + R"("},{"id":")" + second + R"("}])";
  const auto shared = pull("{" + groups + R"(,"limit":1})");
  EXPECT_EQ(shared.at("results[0].messages"), "[1]");
  EXPECT_EQ(shared.at("results[1].messages"), "[0]");
  EXPECT_EQ(shared.at("results[1].more"), "true");
  EXPECT_EQ(pull("{" + groups + R"(,"limit":0})").field(), "limit");
  EXPECT_EQ(pull("{" + groups + R"(,"limit":201})").field(), "limit");
  EXPECT_EQ(pull("{}").field(), "groups");
  EXPECT_EQ(pull(R"({"groups":[]})").field(), "groups");
  EXPECT_EQ(pull(R"({"groups":[1]})").field(), "groups[0]");
  EXPECT_EQ(pull(R"({"groups":[{"id":"x"}]})").field(), "groups[0].id");
  EXPECT_EQ(pull(R"({"groups":[{"id":")" + second + R"(","since":"x"}]})").field(),
            "groups[0].since");
  std::string many;
  for (int i = 0; i < 100; ++i) many += (i > 0 ? ",{\"id\":\"" : "{\"id\":\"") + second + "\"}";
  EXPECT_EQ(pull(R"({"groups":[)" + many + "]}").at("results"), "[100]");
  EXPECT_EQ(pull(R"({"groups":[)" + many + R"(,{"id":")" + second + "\"}]}").field(), "groups");
}

TEST(DigestEndpoint, CoversARangeOrTheNewest) {
  Reader world;
  DigestSum all;
  DigestSum newest;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(world.say(world.alice, world.group, "n"));
    all.add(*MessageId::parse(ids.back()));
    if (i >= 2) newest.add(*MessageId::parse(ids.back()));
  }
  const auto digest = [&](const std::string& query) {
    return world.get(world.bob, world.path + "/digest?" + query);
  };
  const auto last = digest("last=2");
  EXPECT_EQ(last.at("count"), "2");
  EXPECT_EQ(last.at("from"), ids[2]);
  EXPECT_EQ(last.at("to"), "null");
  EXPECT_EQ(last.at("sum"), newest.hex());
  const auto range = digest("from=" + ids[2] + "&to=" + kLastMessageId.to_string());
  EXPECT_EQ(range.at("count"), "2");
  EXPECT_EQ(range.at("ids"), "[2]");
  EXPECT_EQ(range.at("from"), ids[2]);
  EXPECT_EQ(range.at("to"), kLastMessageId.to_string());
  EXPECT_EQ(range.at("sum"), newest.hex());
  EXPECT_EQ(digest("from=" + ids[0] + "&to=" + ids[3]).at("count"), "3");
  EXPECT_EQ(digest("").at("sum"), all.hex());
  EXPECT_EQ(digest("from=" + ids[0] + "&to=" + ids[0]).at("count"), "0");
  EXPECT_EQ(digest("last=0").field(), "last");
  EXPECT_EQ(digest("last=10001").field(), "last");
  EXPECT_EQ(digest("last=10000").at("count"), "4");
  EXPECT_EQ(digest("last=1&from=" + ids[0]).field(), "last");
  EXPECT_EQ(digest("from=x").field(), "from");
  const auto empty = world.make_group(world.alice);
  EXPECT_EQ(world.get(world.alice, "/v1/groups/" + empty + "/digest?last=256").at("count"), "0");
}

TEST(ReadMarkEndpoint, TakesTheCursorOfAFinishedRound) {
  Reader world;
  for (int i = 0; i < 3; ++i) world.say(world.alice, world.group, "n");
  const auto mark = [&](const std::string& cursor) {
    return world.put(world.bob, world.path + "/read", R"({"cursor":")" + cursor + R"("})");
  };
  const auto unread = [&] {
    return world.get(world.bob, "/v1/status?with=unread").at("groups[0].unread");
  };
  EXPECT_EQ(unread(), "3");
  const auto part =
      world.get(world.bob, world.path + "/changes?limit=1&since=" + format_time(from_ms(0)));
  EXPECT_EQ(part.at("more"), "true");
  EXPECT_EQ(mark(part.at("cursor")).code(), "invalid-cursor");
  const auto whole = world.get(world.bob, world.path + "/changes");
  EXPECT_EQ(mark(whole.at("cursor")).status(), 204);
  EXPECT_EQ(unread(), "0");
  EXPECT_EQ(mark("x").status(), 400);
  EXPECT_EQ(mark("x").header("RateLimit-Policy"), R"("read";q=300;w=10)");
  EXPECT_EQ(world.put(world.bob, world.path + "/read", "{}").field(), "cursor");
}

TEST(ReadMarkEndpoint, NeverMovesBack) {
  Reader world;
  const auto cursor = [&] { return world.get(world.bob, world.path + "/changes").at("cursor"); };
  const auto mark = [&](const std::string& to) {
    return world.put(world.bob, world.path + "/read", R"({"cursor":")" + to + R"("})").status();
  };
  const auto earlier = cursor();
  world.say(world.alice, world.group, "n");
  world.rest();
  const auto later = cursor();
  EXPECT_EQ(mark(later), 204);
  EXPECT_EQ(mark(earlier), 204);
  EXPECT_EQ(world.get(world.bob, "/v1/status?with=unread").at("groups[0].unread"), "0");
}

TEST(SinceJoined, ClipsWhateverShowsMessages) {
  ApiWorld world;
  const auto alice = world.join("alice");
  const auto bob = world.join("bob");
  const auto group = world.make_group(alice, {}, R"(,"history":"since-joined")");
  const auto path = "/v1/groups/" + group;
  const auto old = world.say(alice, group, "before bob");
  const auto stay = [&](int messages, const std::string& newest) {
    const auto count = "[" + std::to_string(messages) + "]";
    const auto history = world.get(bob, path + "/messages");
    EXPECT_EQ(history.at("messages"), count);
    EXPECT_EQ(history.at("has_before"), "false");
    EXPECT_EQ(world.get(bob, path + "/messages?ids=" + old).at("messages"), "[0]");
    EXPECT_EQ(world.get(bob, path + "/messages/" + old).code(), "unknown-message");
    EXPECT_EQ(world.get(bob, path + "/changes").at("messages"), count);
    EXPECT_EQ(world.get(bob, path + "/changes?since=" + format_time(from_ms(0))).at("messages"),
              count);
    EXPECT_EQ(world.get(bob, path + "/digest").at("count"), std::to_string(messages));
    EXPECT_EQ(world.get(bob, path + "/digest?last=256").at("count"), std::to_string(messages));
    const auto status = world.get(bob, "/v1/status?with=unread,last");
    EXPECT_EQ(status.at("groups[0].unread"), std::to_string(messages));
    EXPECT_EQ(status.at("groups[0].last_message.text"), newest);
  };
  world.rest();
  EXPECT_EQ(world.put(alice, path + "/members/@bob", R"({"role":"member"})").status(), 200);
  stay(0, "");
  world.say(alice, group, "hello bob");
  stay(1, "hello bob");
  // Coming back starts anew.
  EXPECT_EQ(world.remove(alice, path + "/members/@bob").status(), 204);
  world.rest();
  EXPECT_EQ(world.put(alice, path + "/members/@bob", R"({"role":"member"})").status(), 200);
  stay(0, "");
  world.say(alice, group, "hello again");
  stay(1, "hello again");
}

TEST(StatusEndpoint, SaysWhatChanged) {
  Reader world;
  const auto second = world.make_group(world.bob);
  world.rest();
  const auto all = world.get(world.bob, "/v1/status");
  EXPECT_EQ(all.status(), 200);
  EXPECT_EQ(all.at("groups"), "[2]");
  EXPECT_EQ(all.at("groups[0].kind"), "group");
  EXPECT_EQ(all.at("groups[0].unread"), "");
  EXPECT_EQ(all.at("removed"), "[0]");
  EXPECT_EQ(all.at("users"), "[0]");
  EXPECT_EQ(all.at("more"), "false");
  EXPECT_NE(all.at("next_poll_ms"), "");
  EXPECT_EQ(all.at("server_time"), format_time(world.clock.now()));

  world.rest();
  world.say(world.alice, world.group, "news @bob");
  const auto news = world.get(world.bob, "/v1/status?with=last,unread&cursor=" + all.at("cursor"));
  EXPECT_EQ(news.at("groups"), "[1]");
  EXPECT_EQ(news.at("groups[0].id"), world.group);
  EXPECT_EQ(news.at("groups[0].size"), "2");
  EXPECT_EQ(news.at("groups[0].unread"), "1");
  EXPECT_EQ(news.at("groups[0].mentions"), "0");
  EXPECT_EQ(news.at("groups[0].last_message.text"), "news @bob");

  world.rest();
  world.remove(world.alice, world.path + "/members/@bob");
  world.pass_cache_life();
  const auto removed = world.get(world.bob, "/v1/status?cursor=" + news.at("cursor"));
  EXPECT_EQ(removed.at("removed[0]"), world.group);
}

TEST(StatusEndpoint, CountsUnreadMessagesToAHundred) {
  Reader world;
  const auto unread = [&] {
    return world.get(world.bob, "/v1/status?with=unread").at("groups[0].unread");
  };
  for (int i = 0; i < 99; ++i) world.say(world.alice, world.group, "n");
  EXPECT_EQ(unread(), "99");
  world.say(world.alice, world.group, "n");
  EXPECT_EQ(unread(), "100");
  world.say(world.alice, world.group, "n");
  EXPECT_EQ(unread(), "100");
}

TEST(StatusEndpoint, LooksIntoAtMostFiftyGroupsAPage) {
  Reader world;
  for (int i = 0; i < 50; ++i) {
    if (i % 25 == 0) world.rest();
    world.make_group(world.bob);
  }
  world.rest();
  EXPECT_EQ(world.get(world.bob, "/v1/status?limit=200").at("groups"), "[51]");
  for (const std::string with : {"unread", "last"}) {
    const auto first = world.get(world.bob, "/v1/status?limit=200&with=" + with);
    EXPECT_EQ(first.at("groups"), "[50]") << with;
    EXPECT_EQ(first.at("more"), "true") << with;
    const auto rest =
        world.get(world.bob, "/v1/status?limit=200&with=" + with + "&cursor=" + first.at("cursor"));
    EXPECT_EQ(rest.at("groups"), "[1]") << with;
    EXPECT_EQ(rest.at("more"), "false") << with;
  }
}

TEST(StatusEndpoint, ShowsPeopleAndHoldsItsLimits) {
  Reader world;
  world.join("eve");
  const auto status = [&](const std::string& query) {
    return world.get(world.bob, "/v1/status?" + query);
  };
  const auto people = status("users=@alice,@eve,@nobody");
  EXPECT_EQ(people.at("users"), "[2]");
  EXPECT_EQ(people.at("users[0].name"), "alice");
  EXPECT_EQ(people.at("users[0].status"), "online");
  EXPECT_EQ(people.at("users[1].name"), "eve");
  EXPECT_EQ(people.at("users[1].status"), "");
  EXPECT_EQ(status("users=alice").field(), "users");
  EXPECT_EQ(status("users=").field(), "users");
  std::string many = "@alice";
  for (int i = 0; i < 99; ++i) many += ",@nobody" + std::to_string(i);
  EXPECT_EQ(status("users=" + many).status(), 200);
  EXPECT_EQ(status("users=" + many + ",@eve").field(), "users");
  EXPECT_EQ(status("with=unread,everything").field(), "with");
  EXPECT_EQ(status("limit=0").field(), "limit");
  EXPECT_EQ(status("limit=201").field(), "limit");
  EXPECT_EQ(status("cursor=x").code(), "invalid-cursor");
  EXPECT_EQ(status("since=x").field(), "since");
  EXPECT_EQ(status("cursor=x&since=" + format_time(world.clock.now())).field(), "since");
  EXPECT_EQ(status("since=" + format_time(from_ms(0))).at("groups"), "[1]");
}

}  // namespace
}  // namespace tidings
