#include "core/profiles.h"

#include <gtest/gtest.h>

#include "core/test_people.h"

namespace tidings {
namespace {

Result<User> patch(PeopleWorld& world, const Caller& caller, ProfilePatch patch) {
  return block_on(world.worker.profiles.patch(caller, std::move(patch)));
}
Result<Profile> find(PeopleWorld& world, const Caller& caller, std::string name) {
  return block_on(world.worker.profiles.find(caller, std::move(name)));
}
Result<std::vector<ShownStatus>> shown(PeopleWorld& world, const Caller& caller,
                                       std::vector<std::string> names) {
  return block_on(world.worker.statuses.shown(caller, std::move(names)));
}

TEST(Profiles, ChangeWhatIsGivenAndKeepTheRest) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  ProfilePatch all;
  all.display_name = "Alice A.";
  all.accepts_direct = false;
  all.metadata = R"({"a":1})";
  ASSERT_TRUE(patch(world, alice, all).has_value());
  ProfilePatch one;
  one.accepts_direct = true;
  const auto user = patch(world, alice, one);
  EXPECT_EQ(user->display_name, "Alice A.");
  EXPECT_EQ(user->metadata, R"({"a":1})");
  EXPECT_TRUE(user->accepts_direct);
  EXPECT_EQ(block_on(world.worker.profiles.me(alice)).value(), *user);
  EXPECT_EQ(find(world, alice, "alice")->user->display_name, "Alice A.");
}

TEST(Profiles, KeepBothOfTwoChangesThatRace) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  world.users.rival = [&] {
    ASSERT_TRUE(block_on(world.worker.profiles.put_status(alice, ManualStatus::Busy, "cooking"))
                    .has_value());
  };
  ProfilePatch name;
  name.display_name = "Alice A.";
  const auto user = patch(world, alice, name);
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(user->display_name, "Alice A.");
  EXPECT_EQ(user->status_text, "cooking");
  EXPECT_EQ(block_on(world.worker.profiles.me(alice)).value().status_text, "cooking");
}

TEST(Profiles, ChangeNothingOfAnAccountThatEndsAtTheSameTime) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  world.users.rival = [&] {
    ASSERT_TRUE(block_on(world.worker.end_account.end(alice)).has_value());
  };
  ProfilePatch name;
  name.display_name = "Alice A.";
  EXPECT_EQ(code_of(patch(world, alice, name)), ErrorCode::Unauthenticated);
  const User user = block_on(world.users.find(alice.user)).value().value();
  EXPECT_TRUE(user.ended_at.has_value());
  EXPECT_EQ(user.display_name, "");
}

TEST(Profiles, AskToComeAgainAfterLosingEveryRace) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  std::function<void()> rename = [&] {
    User user = block_on(world.users.find(alice.user)).value().value();
    ASSERT_TRUE(block_on(world.users.compare_and_set(user)).value());
    world.users.rival = rename;
  };
  world.users.rival = rename;
  ProfilePatch name;
  name.display_name = "Alice A.";
  EXPECT_EQ(code_of(patch(world, alice, name)), ErrorCode::Unavailable);
  world.users.rival = nullptr;
  EXPECT_TRUE(patch(world, alice, name).has_value());
}

TEST(Profiles, HoldEachFieldToItsLimit) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  ProfilePatch name;
  name.display_name = repeated("\xCE\xA9", 64);
  EXPECT_TRUE(patch(world, alice, name).has_value());
  name.display_name = repeated("\xCE\xA9", 65);
  EXPECT_EQ(field_of(patch(world, alice, name)), "display_name");
  name.display_name = "";
  EXPECT_EQ(field_of(patch(world, alice, name)), "display_name");
  ProfilePatch metadata;
  metadata.metadata = std::string(4'096, 'm');
  EXPECT_TRUE(patch(world, alice, metadata).has_value());
  metadata.metadata = std::string(4'097, 'm');
  EXPECT_EQ(field_of(patch(world, alice, metadata)), "metadata");
  const auto status = [&](std::string text) {
    return block_on(world.worker.profiles.put_status(alice, ManualStatus::Busy, std::move(text)));
  };
  EXPECT_TRUE(status(repeated("\xCE\xA9", 100)).has_value());
  EXPECT_EQ(field_of(status(repeated("\xCE\xA9", 101))), "text");
}

TEST(Profiles, ShowStatusOnlyToThoseWhoShareAGroup) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const Caller carol = world.person("carol");
  world.group(alice, {"bob"});
  ASSERT_TRUE(block_on(world.worker.profiles.put_status(alice, ManualStatus::Away, "at lunch"))
                  .has_value());
  const auto to_bob = find(world, bob, "alice");
  EXPECT_EQ(to_bob->shown.status, ShownAs::Away);
  EXPECT_EQ(to_bob->shown.status_text, "at lunch");
  EXPECT_EQ(to_bob->shown.last_seen, world.clock.now());
  const auto to_carol = find(world, carol, "alice");
  EXPECT_FALSE(to_carol->shown.status.has_value());
  EXPECT_EQ(to_carol->shown.status_text, "");
  EXPECT_FALSE(to_carol->shown.last_seen.has_value());
  EXPECT_EQ(find(world, alice, "alice")->shown.status, ShownAs::Away);
  EXPECT_EQ(code_of(find(world, alice, "nobody")), ErrorCode::UnknownUser);
}

TEST(Statuses, EndWithTheLastSharedGroup) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const GroupId first = world.group(alice, {"bob"});
  const GroupId second = world.group(alice, {"bob"});
  ASSERT_TRUE(world.remove(bob, first, "bob").has_value());
  EXPECT_TRUE(shown(world, bob, {"alice"})->front().status.has_value());
  ASSERT_TRUE(block_on(world.worker.groups.remove(alice, second)).has_value());
  EXPECT_FALSE(shown(world, bob, {"alice"})->front().status.has_value());
}

TEST(Statuses, AreOnlineWhileConnectedOrSeenInTheLastMinute) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  world.group(alice, {"bob"});
  const auto status = [&] { return shown(world, bob, {"alice"})->front().status; };
  world.clock.advance(seconds(60));
  EXPECT_EQ(status(), ShownAs::Online);
  world.clock.advance(milliseconds(1));
  EXPECT_EQ(status(), ShownAs::Offline);

  const GatewayId gateway{"here", 1};
  ASSERT_TRUE(block_on(world.presence.heartbeat(gateway)).has_value());
  ASSERT_TRUE(block_on(world.presence.connected(alice.user, gateway)).has_value());
  EXPECT_EQ(status(), ShownAs::Online);
  ASSERT_TRUE(block_on(world.presence.disconnected(alice.user, gateway)).has_value());
  EXPECT_EQ(status(), ShownAs::Offline);
}

TEST(Statuses, AreOnlineAtOnceForWhoeverIsSeenAgain) {
  PeopleWorld world;
  const auto alice = world.sign_up("alice")->session;
  const Caller bob = world.person("bob");
  world.group(bob, {"alice"});
  world.clock.advance(seconds(61));
  EXPECT_EQ(shown(world, bob, {"alice"})->front().status, ShownAs::Offline);
  ASSERT_TRUE(world.caller(alice.access_token).has_value());
  EXPECT_EQ(shown(world, bob, {"alice"})->front().status, ShownAs::Online);
}

TEST(Statuses, AreAsPeopleAskedButForTheInvisible) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  world.group(alice, {"bob"});
  const auto status = [&](ManualStatus asked) {
    EXPECT_TRUE(block_on(world.worker.profiles.put_status(alice, asked, {})).has_value());
    return shown(world, bob, {"alice"})->front().status;
  };
  EXPECT_EQ(status(ManualStatus::Auto), ShownAs::Online);
  EXPECT_EQ(status(ManualStatus::Invisible), ShownAs::Offline);
  EXPECT_EQ(status(ManualStatus::Busy), ShownAs::Busy);
  EXPECT_EQ(status(ManualStatus::Away), ShownAs::Away);
  world.clock.advance(seconds(600));
  EXPECT_EQ(status(ManualStatus::Online), ShownAs::Online);
  EXPECT_EQ(status(ManualStatus::Auto), ShownAs::Offline);
}

TEST(Statuses, ComeInTheOrderAskedWithoutThoseWhoDoNotExist) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  world.person("bob");
  world.person("carol");
  const auto statuses = shown(world, alice, {"carol", "nobody", "alice", "bob"});
  ASSERT_EQ(statuses->size(), 3U);
  EXPECT_EQ((*statuses)[0].name, "carol");
  EXPECT_EQ((*statuses)[1].name, "alice");
  EXPECT_EQ((*statuses)[2].name, "bob");
}

TEST(Statuses, KeepTheirTextUntilAnotherIsGiven) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto put = [&](ManualStatus status, std::optional<std::string> text) {
    return block_on(world.worker.profiles.put_status(alice, status, std::move(text)))
        .value()
        .status_text;
  };
  EXPECT_EQ(put(ManualStatus::Away, "at lunch"), "at lunch");
  EXPECT_EQ(put(ManualStatus::Busy, std::nullopt), "at lunch");
  EXPECT_EQ(put(ManualStatus::Busy, ""), "");
}

TEST(Blocks, ArePutAndTakenBack) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const Caller bob = world.person("bob");
  const auto accepted = [&] {
    const auto to = block_on(world.worker.directory.user(alice.user)).value();
    return code_of(block_on(world.worker.blocks.check_accepted(bob.user, to)));
  };
  EXPECT_EQ(accepted(), std::nullopt);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(block_on(world.worker.blocks.put(alice, "bob")).has_value());
    EXPECT_EQ(accepted(), ErrorCode::NotAccepted);
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(block_on(world.worker.blocks.remove(alice, "bob")).has_value());
    EXPECT_EQ(accepted(), std::nullopt);
  }
  EXPECT_EQ(code_of(block_on(world.worker.blocks.put(alice, "nobody"))), ErrorCode::UnknownUser);
  EXPECT_EQ(code_of(block_on(world.worker.blocks.put(alice, "alice"))), ErrorCode::Forbidden);
}

}  // namespace
}  // namespace tidings
