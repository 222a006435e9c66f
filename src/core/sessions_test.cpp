#include "core/sessions.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "core/secret_token.h"
#include "core/test_people.h"

namespace tidings {
namespace {

Result<IssuedSession> refresh(PeopleWorld& world, std::string token) {
  return block_on(world.worker.sessions.refresh(std::move(token)));
}

TEST(SignIn, GivesTokensThatWork) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto signed_in = world.sign_in("alice");
  ASSERT_TRUE(signed_in.has_value());
  EXPECT_EQ(signed_in->user.id, alice.user);
  EXPECT_EQ(signed_in->session.expires_at,
            std::chrono::floor<seconds>(world.clock.now()) + std::chrono::minutes(15));
  EXPECT_EQ(world.caller(signed_in->session.access_token)->session, signed_in->session.id);
}

TEST(SignIn, AnswersTheSameAtTheSameCostWhateverIsWrong) {
  PeopleWorld world;
  const Caller gone = world.person("gone");
  ASSERT_TRUE(block_on(world.worker.end_account.end(gone)).has_value());
  world.person("disabled");
  ASSERT_TRUE(block_on(world.worker.accounts.set_disabled("disabled", true)).has_value());
  ASSERT_TRUE(block_on(world.worker.services.create("robot", {})).has_value());
  world.person("alice");

  const auto wrong = world.sign_in("alice", "battery staple");
  ASSERT_EQ(code_of(wrong), ErrorCode::BadCredentials);
  for (const std::string name : {"nobody", "gone", "disabled", "robot", "NOT A NAME", ""}) {
    const int before = world.hasher.verified;
    const auto refused = world.sign_in(name);
    ASSERT_FALSE(refused.has_value()) << name;
    EXPECT_EQ(refused.error(), wrong.error()) << name;
    EXPECT_EQ(world.hasher.verified, before + 1) << name;
  }
  const int before = world.hasher.verified;
  EXPECT_EQ(world.sign_in("alice", std::string(257, 'x')).error(), wrong.error());
  EXPECT_EQ(world.hasher.verified, before + 1);
}

TEST(SignIn, RefusesTheEleventhFailureOfAMinuteOfKnownAndUnknownNames) {
  PeopleWorld world;
  world.person("alice");
  for (const std::string name : {"alice", "nobody"}) {
    for (int i = 0; i < 10; ++i) {
      const auto wrong =
          block_on(world.worker.sessions.sign_in(name, "battery staple", "", "10.9.9.9"));
      EXPECT_EQ(code_of(wrong), ErrorCode::BadCredentials);
    }
    const auto limited =
        block_on(world.worker.sessions.sign_in(name, PeopleWorld::kPassword, "", "10.9.9.9"));
    ASSERT_EQ(code_of(limited), ErrorCode::TooManyRequests) << name;
    EXPECT_GT(limited.error().retry_after.count(), 0);
  }
  world.clock.advance(seconds(60));
  EXPECT_TRUE(
      block_on(world.worker.sessions.sign_in("alice", PeopleWorld::kPassword, "", "10.9.9.9"))
          .has_value());
}

TEST(SignIn, DoesNotCountAHasherThatIsBusy) {
  PeopleWorld world;
  world.person("alice");
  world.hasher.is_down = true;
  for (int i = 0; i < 20; ++i) {
    const auto busy =
        block_on(world.worker.sessions.sign_in("alice", PeopleWorld::kPassword, "", "10.9.9.9"));
    EXPECT_EQ(code_of(busy), ErrorCode::Unavailable);
  }
}

TEST(SignIn, HoldsTheDeviceToItsLimit) {
  PeopleWorld world;
  world.person("alice");
  const auto sign_in = [&](std::string device) {
    return block_on(world.worker.sessions.sign_in("alice", PeopleWorld::kPassword,
                                                  std::move(device), "10.0.0.1"));
  };
  EXPECT_TRUE(sign_in(repeated("\xCE\xA9", 64)).has_value());
  EXPECT_EQ(field_of(sign_in(repeated("\xCE\xA9", 65))), "device");
}

TEST(Refresh, RotatesTheTokenAndKeepsTheSession) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  const auto second = refresh(world, first.refresh_token);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->id, first.id);
  EXPECT_NE(second->refresh_token, first.refresh_token);
  EXPECT_NE(second->access_token, first.access_token);
  EXPECT_TRUE(world.caller(second->access_token).has_value());
  EXPECT_TRUE(world.caller(first.access_token).has_value());
  EXPECT_TRUE(refresh(world, second->refresh_token).has_value());
}

TEST(Refresh, GivesThePreviousTokenTheSameSuccessorForAMinute) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  const auto second = refresh(world, first.refresh_token);
  world.clock.advance(milliseconds(59'999));
  const auto again = refresh(world, first.refresh_token);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->refresh_token, second->refresh_token);
  EXPECT_TRUE(refresh(world, second->refresh_token).has_value());
}

TEST(Refresh, EndsTheSessionWhenThePreviousTokenComesAfterAMinute) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  const auto second = refresh(world, first.refresh_token);
  world.clock.advance(seconds(60));
  EXPECT_EQ(code_of(refresh(world, first.refresh_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(refresh(world, second->refresh_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(world.caller(second->access_token)), ErrorCode::Unauthenticated);
}

TEST(Refresh, EndsTheSessionWhenATokenComesAfterItsSuccessorWasUsed) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  const auto second = refresh(world, first.refresh_token);
  const auto third = refresh(world, second->refresh_token);
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(code_of(refresh(world, first.refresh_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(refresh(world, third->refresh_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(world.caller(third->access_token)), ErrorCode::Unauthenticated);
}

TEST(Refresh, EndsNoSessionForATokenThatWasNeverIssued) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  const auto second = refresh(world, first.refresh_token);
  // The id stands in lists, tokens and logs. A seed that was issued has another mark.
  const std::string named = "tdr_" + to_hex(first.id.value.bytes) + '_';
  const std::string seed = secret_of_secret_token(first.refresh_token).substr(0, 16);
  const std::string made_up =
      make_secret_token(kRefreshTokenPrefix, first.id.value, seed + std::string(16, '\x5A'));
  for (const std::string& token : {named + std::string(43, 'A'), made_up}) {
    EXPECT_EQ(code_of(refresh(world, token)), ErrorCode::Unauthenticated) << token;
    EXPECT_TRUE(world.caller(second->access_token).has_value()) << token;
  }
  EXPECT_TRUE(refresh(world, second->refresh_token).has_value());
}

// Sessions that were stored before tokens were marked.
TEST(Refresh, RotatesATokenWithoutAMarkAndLaterOnlyRefusesIt) {
  PeopleWorld world;
  world.person("alice");
  const auto issued = world.sign_in("alice")->session;
  const std::string unmarked =
      make_secret_token(kRefreshTokenPrefix, issued.id.value, std::string(32, '\x5A'));
  auto session = block_on(world.PeopleStores::sessions.find(issued.id)).value().value();
  session.refresh_hash = hash_of_secret_token(unmarked);
  ASSERT_TRUE(block_on(world.PeopleStores::sessions.compare_and_set(session)).value());

  const auto second = refresh(world, unmarked);
  ASSERT_TRUE(second.has_value());
  const auto third = refresh(world, second->refresh_token);
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(code_of(refresh(world, unmarked)), ErrorCode::Unauthenticated);
  EXPECT_TRUE(refresh(world, third->refresh_token).has_value());
}

TEST(Refresh, RefusesWhatIsNoToken) {
  PeopleWorld world;
  world.person("alice");
  const auto session = world.sign_in("alice")->session;
  for (const std::string& token :
       {std::string(), std::string("tdr_"), session.access_token, session.refresh_token + "x"}) {
    EXPECT_EQ(code_of(refresh(world, token)), ErrorCode::Unauthenticated) << token;
  }
  EXPECT_TRUE(refresh(world, session.refresh_token).has_value());
}

TEST(Refresh, RefusesDisabledAccounts) {
  PeopleWorld world;
  world.person("alice");
  const auto session = world.sign_in("alice")->session;
  auto user = block_on(world.users.find_by_name("alice")).value().value();
  user.disabled = true;
  ASSERT_TRUE(block_on(world.users.compare_and_set(user)).value());
  EXPECT_EQ(code_of(refresh(world, session.refresh_token)), ErrorCode::Unauthenticated);
}

// A store in which somebody else is always a little faster, a given number of times.
class ContestedSessions final : public SessionStore {
 public:
  explicit ContestedSessions(SessionStore& store) : store_(store) {}

  Task<Result<bool>> compare_and_set(Session session) override {
    if (races > 0) {
      --races;
      const SessionId id = session.id;
      auto current = co_await store_.find(id);
      EXPECT_TRUE((co_await rival(std::move(**current))).has_value());
    }
    co_return co_await store_.compare_and_set(std::move(session));
  }
  Task<Result<void>> create(Session session) override { return store_.create(session); }
  Task<Result<std::optional<Session>>> find(SessionId id) override { return store_.find(id); }
  Task<Result<std::vector<Session>>> list(UserId user, SessionId after,
                                          std::size_t limit) override {
    return store_.list(user, after, limit);
  }
  Task<Result<std::size_t>> forget_ended(Time time, std::size_t limit) override {
    return store_.forget_ended(time, limit);
  }
  Task<Result<void>> put_key(ServiceKey key) override { return store_.put_key(key); }
  Task<Result<std::optional<ServiceKey>>> find_key(KeyId id) override {
    return store_.find_key(id);
  }
  Task<Result<std::vector<ServiceKey>>> keys_of(UserId user) override {
    return store_.keys_of(user);
  }
  Task<Result<void>> revoke(Revocation revocation) override { return store_.revoke(revocation); }
  Task<Result<std::vector<Revocation>>> revoked_since(Time since) override {
    return store_.revoked_since(since);
  }

  int races = 0;
  Sessions* rival_sessions = nullptr;  // refreshes `token` in the race, if set
  std::string token;

 private:
  Task<Result<void>> rival(Session session) {
    if (rival_sessions != nullptr) {
      auto refreshed = co_await rival_sessions->refresh(token);
      if (!refreshed) co_return forward(refreshed);
      co_return {};
    }
    session.last_seen += seconds(1);
    auto stored = co_await store_.compare_and_set(std::move(session));
    if (!stored) co_return forward(stored);
    co_return {};
  }

  SessionStore& store_;
};

TEST(Refresh, GivesTwoWhoRaceWithOneTokenTheSameSuccessor) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  ContestedSessions contested(world.PeopleStores::sessions);
  contested.races = 1;
  contested.rival_sessions = &world.worker.sessions;
  contested.token = first.refresh_token;
  Sessions slow(contested, world.users, world.worker.directory, world.hasher, world.tokens,
                world.worker.limit, world.clock);
  const auto second = block_on(slow.refresh(first.refresh_token));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(refresh(world, first.refresh_token)->refresh_token, second->refresh_token);
  EXPECT_TRUE(refresh(world, second->refresh_token).has_value());
  block_on(slow.stop());
}

TEST(Refresh, SurvivesBeingSeenAtTheSameMoment) {
  PeopleWorld world;
  world.person("alice");
  const auto first = world.sign_in("alice")->session;
  ContestedSessions contested(world.PeopleStores::sessions);
  contested.races = 2;
  Sessions slow(contested, world.users, world.worker.directory, world.hasher, world.tokens,
                world.worker.limit, world.clock);
  EXPECT_TRUE(block_on(slow.refresh(first.refresh_token)).has_value());
  contested.races = 1'000;
  const auto hopeless = block_on(slow.refresh(first.refresh_token));
  EXPECT_TRUE(hopeless.has_value());  // the previous token writes nothing
  block_on(slow.stop());
}

TEST(Sessions, AreListedInPagesWithTheCurrentOneMarked) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  for (int i = 0; i < 4; ++i) world.sign_in("alice");
  world.person("bob");
  std::set<SessionId> seen;
  int current = 0;
  std::string cursor;
  for (int pages = 1;; ++pages) {
    const auto page = block_on(world.worker.sessions.list(alice, {cursor, 2})).value();
    for (const ListedSession& listed : page.items) {
      EXPECT_EQ(listed.session.user, alice.user);
      EXPECT_EQ(listed.current, listed.session.id == alice.session);
      current += listed.current ? 1 : 0;
      seen.insert(listed.session.id);
    }
    cursor = page.cursor;
    EXPECT_EQ(page.more, pages < 3);
    if (!page.more) break;
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(current, 1);
  EXPECT_EQ(field_of(block_on(world.worker.sessions.list(alice, {"", 0}))), "limit");
  EXPECT_EQ(field_of(block_on(world.worker.sessions.list(alice, {"", 201}))), "limit");
  EXPECT_TRUE(block_on(world.worker.sessions.list(alice, {"", 200})).has_value());
  EXPECT_EQ(code_of(block_on(world.worker.sessions.list(alice, {"nonsense", 50}))),
            ErrorCode::InvalidCursor);
}

TEST(Sessions, EndOnceAndForAll) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto other = world.sign_in("alice")->session;
  std::vector<Uuid> ended;
  world.worker.sessions.on_ended([&](Uuid id) { ended.push_back(id); });
  ASSERT_TRUE(world.caller(other.access_token).has_value());
  EXPECT_TRUE(block_on(world.worker.sessions.end(alice, other.id)).has_value());
  EXPECT_TRUE(block_on(world.worker.sessions.end(alice, other.id)).has_value());
  EXPECT_EQ(ended, std::vector<Uuid>{other.id.value});
  EXPECT_EQ(code_of(world.caller(other.access_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(code_of(refresh(world, other.refresh_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(block_on(world.worker.sessions.list(alice, {})).value().items.size(), 1U);
}

TEST(Sessions, AreForgottenAWeekAfterTheyEnded) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto other = world.sign_in("alice")->session;
  ASSERT_TRUE(block_on(world.worker.sessions.end(alice, other.id)).has_value());
  world.clock.advance(std::chrono::days(7));
  EXPECT_EQ(block_on(world.worker.sessions.forget_ended()).value(), 0U);
  EXPECT_TRUE(block_on(world.worker.sessions.end(alice, other.id)).has_value());
  world.clock.advance(milliseconds(1));
  EXPECT_EQ(block_on(world.worker.sessions.forget_ended()).value(), 1U);
  EXPECT_EQ(code_of(block_on(world.worker.sessions.end(alice, other.id))),
            ErrorCode::UnknownSession);
  EXPECT_EQ(code_of(refresh(world, other.refresh_token)), ErrorCode::Unauthenticated);
  EXPECT_EQ(block_on(world.worker.sessions.list(alice, {})).value().items.size(), 1U);
}

TEST(Sessions, OfOthersAreUnknown) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto bobs = world.sign_up("bob")->session;
  EXPECT_EQ(code_of(block_on(world.worker.sessions.end(alice, bobs.id))),
            ErrorCode::UnknownSession);
  EXPECT_EQ(code_of(block_on(world.worker.sessions.end(alice, SessionId{Uuid::v4()}))),
            ErrorCode::UnknownSession);
  EXPECT_TRUE(world.caller(bobs.access_token).has_value());
}

TEST(Sessions, ThatEndAreLearnedByOtherWorkers) {
  PeopleWorld world;
  PeopleWorker other(world);
  std::vector<Uuid> ended;
  other.sessions.on_ended([&](Uuid id) { ended.push_back(id); });
  const Caller alice = world.person("alice");
  const auto session = world.sign_in("alice")->session;
  ASSERT_TRUE(block_on(other.sessions.refresh_revocations()).has_value());
  ASSERT_TRUE(block_on(other.sessions.authenticate(session.access_token)).has_value());

  ASSERT_TRUE(block_on(world.worker.sessions.end(alice, session.id)).has_value());
  world.clock.advance(seconds(2));
  ASSERT_TRUE(block_on(other.sessions.refresh_revocations()).has_value());
  EXPECT_EQ(ended, std::vector<Uuid>{session.id.value});
  EXPECT_EQ(code_of(block_on(other.sessions.authenticate(session.access_token))),
            ErrorCode::Unauthenticated);
  ASSERT_TRUE(block_on(other.sessions.refresh_revocations()).has_value());
  EXPECT_EQ(ended.size(), 1U);
}

TEST(Sessions, ThatEndedBeforeAWorkerStartedAreRefusedByIt) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  const auto session = world.sign_in("alice")->session;
  ASSERT_TRUE(block_on(world.worker.sessions.end(alice, session.id)).has_value());
  world.clock.advance(std::chrono::minutes(10));
  PeopleWorker restarted(world);
  ASSERT_TRUE(block_on(restarted.sessions.refresh_revocations()).has_value());
  EXPECT_EQ(code_of(block_on(restarted.sessions.authenticate(session.access_token))),
            ErrorCode::Unauthenticated);
}

TEST(Sessions, KnowRevocationsForHalfAMinute) {
  PeopleWorld world;
  EXPECT_FALSE(world.worker.sessions.knows_revocations());
  ASSERT_TRUE(block_on(world.worker.sessions.refresh_revocations()).has_value());
  world.clock.advance(milliseconds(29'999));
  EXPECT_TRUE(world.worker.sessions.knows_revocations());
  world.clock.advance(milliseconds(1));
  EXPECT_FALSE(world.worker.sessions.knows_revocations());
  ASSERT_TRUE(block_on(world.worker.sessions.refresh_revocations()).has_value());
  EXPECT_TRUE(world.worker.sessions.knows_revocations());
}

TEST(Authenticate, VerifiesATokenOnceAndNoticesThatItExpires) {
  PeopleWorld world;
  const auto session = world.sign_up("alice")->session;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(world.caller(session.access_token).has_value());
  EXPECT_EQ(world.tokens.verified, 1);
  world.clock.advance(session.expires_at - world.clock.now() - milliseconds(1));
  EXPECT_TRUE(world.caller(session.access_token).has_value());
  world.clock.advance(milliseconds(1));
  EXPECT_EQ(code_of(world.caller(session.access_token)), ErrorCode::TokenExpired);
}

TEST(Authenticate, RefusesWhatIsNoToken) {
  PeopleWorld world;
  for (const std::string token : {"", "token-99", "tdg_", "tdg_abc_def"}) {
    EXPECT_EQ(code_of(world.caller(token)), ErrorCode::Unauthenticated) << token;
  }
}

Time last_seen(PeopleWorld& world, const Caller& user) {
  return block_on(world.users.find(user.user)).value()->last_seen;
}

TEST(Authenticate, WritesBeingSeenOnceAMinute) {
  PeopleWorld world;
  const Time start = world.clock.now();
  const auto session = world.sign_up("alice")->session;
  const Caller alice = world.caller(session.access_token).value();
  world.clock.advance(seconds(59));
  ASSERT_TRUE(world.caller(session.access_token).has_value());
  EXPECT_EQ(last_seen(world, alice), start);
  world.clock.advance(seconds(1));
  ASSERT_TRUE(world.caller(session.access_token).has_value());
  EXPECT_EQ(last_seen(world, alice), start + seconds(60));
  world.clock.advance(seconds(59));
  ASSERT_TRUE(world.caller(session.access_token).has_value());
  EXPECT_EQ(last_seen(world, alice), start + seconds(60));
}

TEST(Authenticate, DoesNotBetrayTheInvisible) {
  PeopleWorld world;
  const Time start = world.clock.now();
  const auto session = world.sign_up("alice")->session;
  const Caller alice = world.caller(session.access_token).value();
  ASSERT_TRUE(
      block_on(world.worker.profiles.put_status(alice, ManualStatus::Invisible, {})).has_value());
  world.clock.advance(seconds(300));
  ASSERT_TRUE(world.caller(session.access_token).has_value());
  EXPECT_EQ(last_seen(world, alice), start);
}

TEST(Authenticate, ServesSeveralThreadsWhileSessionsEnd) {
  PeopleWorld world;
  const Caller alice = world.person("alice");
  std::vector<IssuedSession> issued;
  for (int i = 0; i < 3; ++i) issued.push_back(world.sign_in("alice")->session);
  const auto call = [&](const IssuedSession& session) {
    for (int i = 0; i < 2'000; ++i) {
      const auto caller = block_on(world.worker.sessions.authenticate(session.access_token));
      EXPECT_TRUE(caller || caller.error().code == ErrorCode::Unauthenticated);
    }
  };
  std::vector<std::thread> threads;
  for (const IssuedSession& session : issued) threads.emplace_back(call, std::cref(session));
  EXPECT_TRUE(block_on(world.worker.sessions.end(alice, issued[0].id)).has_value());
  world.clock.advance(seconds(60));
  EXPECT_TRUE(block_on(world.worker.sessions.refresh_revocations()).has_value());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(code_of(world.caller(issued[0].access_token)), ErrorCode::Unauthenticated);
  EXPECT_TRUE(world.caller(issued[1].access_token).has_value());
}

TEST(ServiceKeys, AreTokensWithTheirRules) {
  PeopleWorld world;
  const auto made = block_on(world.worker.services.create(
      "robot", {.may_import = true, .send_burst = 50, .send_per_seconds = 5}));
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->token.starts_with("tdg_"));
  const auto caller = world.caller(made->token);
  ASSERT_TRUE(caller.has_value());
  EXPECT_TRUE(caller->service);
  EXPECT_EQ(caller->name, "robot");
  EXPECT_EQ(caller->key, made->key.id);
  EXPECT_FALSE(caller->session.has_value());
  EXPECT_TRUE(caller->may_import);
  EXPECT_EQ(caller->send_burst, 50U);
  EXPECT_EQ(caller->send_per_seconds, 5U);
  std::string wrong = made->token;
  wrong.back() = wrong.back() == 'A' ? 'E' : 'A';
  EXPECT_EQ(code_of(world.caller(wrong)), ErrorCode::Unauthenticated);
}

TEST(ServiceKeys, CanBeChangedWithoutAPause) {
  PeopleWorld world;
  const auto first = block_on(world.worker.services.create("robot", {})).value();
  const auto second = block_on(world.worker.services.create("robot", {})).value();
  EXPECT_EQ(first.service.id, second.service.id);
  ASSERT_TRUE(block_on(world.worker.services.revoke("robot", first.key.id)).has_value());
  EXPECT_EQ(code_of(world.caller(first.token)), ErrorCode::Unauthenticated);
  EXPECT_TRUE(world.caller(second.token).has_value());
  const auto listed = block_on(world.worker.services.list("", 10)).value();
  ASSERT_EQ(listed.services.size(), 1U);
  EXPECT_EQ(listed.services.front().keys.size(), 2U);
  ASSERT_TRUE(block_on(world.worker.services.revoke("robot", std::nullopt)).has_value());
  EXPECT_EQ(code_of(world.caller(second.token)), ErrorCode::Unauthenticated);
}

TEST(ServiceKeys, AreListedInBoundedTimeHoweverManyPeopleThereAre) {
  PeopleWorld world;
  for (int i = 0; i < 1'500; ++i) {
    User person;
    person.id = UserId{Uuid::v4()};
    person.name = "person" + std::to_string(1'000 + i);
    ASSERT_TRUE(block_on(world.users.create(person)).has_value());
  }
  for (const char* name : {"alpha", "beta", "robot"})
    ASSERT_TRUE(block_on(world.worker.services.create(name, {})).has_value());
  std::vector<std::string> names;
  std::vector<std::string> nexts;
  std::optional<std::string> after = "";
  while (after) {
    const auto page = block_on(world.worker.services.list(*after, 2)).value();
    for (const ListedService& each : page.services) names.push_back(each.service.name);
    after = page.next;
    nexts.push_back(after.value_or("the end"));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"alpha", "beta", "robot"}));
  EXPECT_EQ(nexts, (std::vector<std::string>{"beta", "person1999", "the end"}));
}

TEST(ServiceKeys, DieOnOtherWorkersWithinFiveSeconds) {
  PeopleWorld world;
  PeopleWorker other(world);
  const auto made = block_on(world.worker.services.create("robot", {})).value();
  ASSERT_TRUE(block_on(other.sessions.authenticate(made.token)).has_value());
  ASSERT_TRUE(block_on(world.worker.services.revoke("robot", std::nullopt)).has_value());
  world.clock.advance(seconds(4));
  EXPECT_EQ(code_of(block_on(other.sessions.authenticate(made.token))), ErrorCode::Unauthenticated);
}

TEST(ServiceKeys, RefuseNamesOfPeopleAndRatesThatAreNone) {
  PeopleWorld world;
  world.person("alice");
  EXPECT_EQ(code_of(block_on(world.worker.services.create("alice", {}))), ErrorCode::NameTaken);
  EXPECT_EQ(field_of(block_on(world.worker.services.create("Robot", {}))), "name");
  EXPECT_EQ(field_of(block_on(world.worker.services.create("robot", {.send_burst = 5}))), "rate");
  EXPECT_EQ(field_of(block_on(world.worker.services.create("robot", {.send_per_seconds = 5}))),
            "rate");
  EXPECT_EQ(code_of(block_on(world.worker.services.revoke("alice", std::nullopt))),
            ErrorCode::UnknownUser);
  EXPECT_EQ(code_of(block_on(world.worker.services.revoke("nobody", std::nullopt))),
            ErrorCode::UnknownUser);
}

}  // namespace
}  // namespace tidings
