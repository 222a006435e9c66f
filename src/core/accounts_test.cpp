#include "core/accounts.h"

#include <gtest/gtest.h>

#include "base/task_group.h"
#include "core/test_people.h"

namespace tidings {
namespace {

constexpr std::string_view kOmega = "\xCE\xA9";  // two bytes, one code point

Result<SignedUp> sign_up(PeopleWorld& world, SignUp request) {
  return block_on(world.worker.accounts.sign_up(std::move(request)));
}

TEST(Accounts, SignsUpWithASessionThatWorks) {
  PeopleWorld world;
  const auto made = sign_up(world, {"alice", PeopleWorld::kPassword, "Alice A.", "10.0.0.1"});
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->created);
  EXPECT_EQ(made->user.name, "alice");
  EXPECT_EQ(made->user.display_name, "Alice A.");
  EXPECT_EQ(made->user.created_at, world.clock.now());
  EXPECT_TRUE(made->user.accepts_direct);
  const auto caller = world.caller(made->session.access_token);
  ASSERT_TRUE(caller.has_value());
  EXPECT_EQ(caller->user, made->user.id);
  EXPECT_EQ(caller->name, "alice");
  EXPECT_EQ(caller->session, made->session.id);
  EXPECT_FALSE(caller->service);
}

TEST(Accounts, ShowsTheNameOfWhoeverGivesNoDisplayName) {
  PeopleWorld world;
  EXPECT_EQ(world.sign_up("alice")->user.display_name, "alice");
}

TEST(Accounts, TakesARepeatedSignUpAsASignIn) {
  PeopleWorld world;
  const auto first = world.sign_up("alice");
  const auto again = world.sign_up("alice");
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->user.id, first->user.id);
  EXPECT_NE(again->session.id, first->session.id);
}

TEST(Accounts, RefusesATakenNameAndCountsItAsAFailedSignIn) {
  PeopleWorld world;
  ASSERT_TRUE(world.sign_up("alice").has_value());
  for (int i = 0; i < 10; ++i) {
    const auto taken = sign_up(world, {"alice", "battery staple", {}, "10.9.9.9"});
    EXPECT_EQ(code_of(taken), ErrorCode::NameTaken);
  }
  const auto limited = sign_up(world, {"alice", PeopleWorld::kPassword, {}, "10.9.9.9"});
  EXPECT_EQ(code_of(limited), ErrorCode::TooManyRequests);
  const auto sign_in =
      block_on(world.worker.sessions.sign_in("alice", PeopleWorld::kPassword, "", "10.9.9.9"));
  EXPECT_EQ(code_of(sign_in), ErrorCode::TooManyRequests);
}

TEST(Accounts, HoldNamesToTheirForm) {
  PeopleWorld world;
  EXPECT_TRUE(world.sign_up("ab").has_value());
  EXPECT_TRUE(world.sign_up(std::string(32, 'a')).has_value());
  for (const std::string& name :
       {std::string("a"), std::string(33, 'a'), std::string("1ab"), std::string("Alice"),
        std::string("al ice"), std::string("@alice"), std::string()}) {
    const auto refused = world.sign_up(name);
    EXPECT_EQ(code_of(refused), ErrorCode::InvalidRequest) << name;
    EXPECT_EQ(field_of(refused), "name") << name;
  }
}

TEST(Accounts, HoldPasswordsToTheirLimits) {
  PeopleWorld world;
  EXPECT_TRUE(world.sign_up("eight", "abcdefgx").has_value());
  EXPECT_EQ(code_of(world.sign_up("seven", "abcdefx")), ErrorCode::WeakPassword);
  // Eight code points, however many bytes; seven are too few.
  EXPECT_TRUE(world.sign_up("omegas", repeated(kOmega, 8)).has_value());
  EXPECT_EQ(code_of(world.sign_up("omegas7", repeated(kOmega, 7))), ErrorCode::WeakPassword);
  EXPECT_TRUE(world.sign_up("longest", std::string(256, 'x')).has_value());
  const auto longer = world.sign_up("longer", std::string(257, 'x'));
  EXPECT_EQ(code_of(longer), ErrorCode::InvalidRequest);
  EXPECT_EQ(field_of(longer), "password");
  EXPECT_EQ(code_of(world.sign_up("broken", "\xFF\xFF not UTF-8")), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(world.sign_up("common", "Password")), ErrorCode::WeakPassword);
  EXPECT_EQ(code_of(world.sign_up("common", "1234567890")), ErrorCode::WeakPassword);
}

TEST(Accounts, HoldDisplayNamesToTheirLimit) {
  PeopleWorld world;
  const auto longest = sign_up(world, {"alice", PeopleWorld::kPassword, repeated(kOmega, 64), "a"});
  EXPECT_TRUE(longest.has_value());
  const auto longer = sign_up(world, {"bob", PeopleWorld::kPassword, repeated(kOmega, 65), "b"});
  EXPECT_EQ(code_of(longer), ErrorCode::InvalidRequest);
  EXPECT_EQ(field_of(longer), "display_name");
}

TEST(Accounts, AreMadeByAnAdministratorAloneWhenRegistrationIsClosed) {
  PeopleWorld world(AccountRules{.registration_open = false});
  EXPECT_EQ(code_of(world.sign_up("alice")), ErrorCode::RegistrationClosed);
  const auto made = block_on(world.worker.accounts.create("alice", PeopleWorld::kPassword, ""));
  EXPECT_TRUE(made.has_value());
  EXPECT_TRUE(world.sign_in("alice").has_value());
}

TEST(Accounts, GiveANameToOneOfTwoWhoRaceForIt) {
  // Both find the name free before either has it.
  struct Racing final : PasswordHasher {
    Task<Result<std::string>> hash(std::string password) override {
      if (!std::exchange(raced, true)) {
        const auto other = co_await world->worker.accounts.create("alice", "battery staple", "");
        EXPECT_TRUE(other.has_value());
      }
      co_return "plain:" + password;
    }
    Task<Result<bool>> verify(std::string password, std::string hash) override {
      co_return hash == "plain:" + password;
    }
    PeopleWorld* world = nullptr;
    bool raced = false;
  } racing;
  PeopleWorld world;
  racing.world = &world;
  Accounts accounts(world.users, world.worker.sessions, world.worker.directory, racing,
                    world.worker.limit, world.clock, {});
  const auto loser = block_on(accounts.sign_up({"alice", PeopleWorld::kPassword, "", "10.0.0.1"}));
  EXPECT_EQ(code_of(loser), ErrorCode::NameTaken);
  EXPECT_TRUE(world.sign_in("alice", "battery staple").has_value());
  EXPECT_FALSE(world.sign_in("alice").has_value());
}

TEST(Accounts, ChangeAPasswordAndEndAllOtherSessions) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto other = world.sign_in("alice");
  const auto changed = block_on(
      world.worker.accounts.change_password(alice, PeopleWorld::kPassword, "battery staple"));
  ASSERT_TRUE(changed.has_value());
  EXPECT_FALSE(world.sign_in("alice").has_value());
  EXPECT_TRUE(world.sign_in("alice", "battery staple").has_value());
  EXPECT_EQ(code_of(world.caller(other->session.access_token)), ErrorCode::Unauthenticated);
  const auto refreshed = block_on(world.worker.sessions.refresh(other->session.refresh_token));
  EXPECT_EQ(code_of(refreshed), ErrorCode::Unauthenticated);
  const auto kept = block_on(world.worker.sessions.list(alice, {})).value();
  EXPECT_EQ(kept.items.size(), 2U);  // the caller's, and the one after the change
}

TEST(Accounts, RefuseAWrongOldPasswordAndTheEleventhOfAMinute) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  for (int i = 0; i < 10; ++i) {
    const auto wrong =
        block_on(world.worker.accounts.change_password(alice, "not this one", "battery staple"));
    EXPECT_EQ(code_of(wrong), ErrorCode::BadCredentials);
  }
  const auto limited = block_on(
      world.worker.accounts.change_password(alice, PeopleWorld::kPassword, "battery staple"));
  EXPECT_EQ(code_of(limited), ErrorCode::TooManyRequests);
}

TEST(Accounts, RefuseAWeakNewPassword) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto change = [&](std::string to) {
    return block_on(
        world.worker.accounts.change_password(alice, PeopleWorld::kPassword, std::move(to)));
  };
  EXPECT_EQ(code_of(change("short")), ErrorCode::WeakPassword);
  EXPECT_EQ(code_of(change("password")), ErrorCode::WeakPassword);
  EXPECT_EQ(field_of(change(std::string(257, 'x'))), "new");
  EXPECT_TRUE(world.sign_in("alice").has_value());
}

TEST(Accounts, GiveThePasswordOfTheFirstOfTwoWhoChangeItAtOnce) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto change = [&](std::string to) {
    return block_on(
        world.worker.accounts.change_password(alice, PeopleWorld::kPassword, std::move(to)));
  };
  world.users.rival = [&] { ASSERT_TRUE(change("the first of two").has_value()); };
  EXPECT_EQ(code_of(change("the second of two")), ErrorCode::BadCredentials);
  EXPECT_TRUE(world.sign_in("alice", "the first of two").has_value());
  EXPECT_EQ(code_of(world.sign_in("alice", "the second of two")), ErrorCode::BadCredentials);
}

TEST(Accounts, StayDisabledWhateverTheyChangeAtTheSameTime) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  world.users.rival = [&] {
    ASSERT_TRUE(block_on(world.worker.accounts.set_disabled("alice", true)).has_value());
  };
  static_cast<void>(
      block_on(world.worker.profiles.put_status(alice, ManualStatus::Busy, std::nullopt)));
  EXPECT_EQ(code_of(world.sign_in("alice")), ErrorCode::BadCredentials);
}

TEST(Accounts, DisabledCannotSignInAndTheirTokensDie) {
  PeopleWorld world;
  const auto alice = world.sign_up("alice");
  ASSERT_TRUE(world.caller(alice->session.access_token).has_value());
  ASSERT_TRUE(block_on(world.worker.accounts.set_disabled("alice", true)).has_value());
  EXPECT_EQ(code_of(world.caller(alice->session.access_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(world.sign_in("alice")), ErrorCode::BadCredentials);
  EXPECT_EQ(code_of(world.sign_up("alice")), ErrorCode::NameTaken);
  ASSERT_TRUE(block_on(world.worker.accounts.set_disabled("alice", false)).has_value());
  EXPECT_TRUE(world.sign_in("alice").has_value());
  EXPECT_EQ(code_of(block_on(world.worker.accounts.set_disabled("nobody", true))),
            ErrorCode::UnknownUser);
}

TEST(Accounts, DisableOthersButNeverThemselves) {
  PeopleWorld world;
  const Caller root = world.person("root");
  world.person("alice");
  const auto disable = [&](const char* name, bool disabled) {
    return block_on(world.worker.accounts.set_disabled(name, disabled, root.user));
  };
  EXPECT_EQ(code_of(disable("root", true)), ErrorCode::Forbidden);
  EXPECT_FALSE(block_on(world.users.find(root.user)).value()->disabled);
  EXPECT_TRUE(disable("root", false).has_value());
  EXPECT_TRUE(disable("alice", true)->disabled);
}

TEST(Accounts, AreAdminsFromWhenTheyWereMadeSoUntilTheyAreNot) {
  PeopleWorld world;
  const auto alice = world.sign_up("alice");
  const auto is_admin = [&] { return world.caller(alice->session.access_token)->admin; };
  EXPECT_FALSE(is_admin());
  ASSERT_TRUE(block_on(world.worker.accounts.set_admin("alice", true)).has_value());
  EXPECT_TRUE(is_admin());
  ASSERT_TRUE(block_on(world.worker.accounts.set_admin("alice", false)).has_value());
  EXPECT_FALSE(is_admin());
}

TEST(Accounts, OfServicesAndOfNobodyAreNeverAdmins) {
  PeopleWorld world;
  ASSERT_TRUE(block_on(world.worker.services.create("robot", {})).has_value());
  EXPECT_EQ(code_of(block_on(world.worker.accounts.set_admin("robot", true))),
            ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(block_on(world.worker.accounts.set_admin("nobody", true))),
            ErrorCode::UnknownUser);
}

TEST(Accounts, DisabledAreRefusedByOtherWorkersWithinFiveSeconds) {
  PeopleWorld world;
  PeopleWorker other(world);
  const auto alice = world.sign_up("alice");
  const std::string token = alice->session.access_token;
  ASSERT_TRUE(block_on(other.sessions.authenticate(token)).has_value());
  ASSERT_TRUE(block_on(world.worker.accounts.set_disabled("alice", true)).has_value());
  world.clock.advance(seconds(4));
  EXPECT_EQ(code_of(block_on(other.sessions.authenticate(token))), ErrorCode::Unauthenticated);
}

}  // namespace
}  // namespace tidings
