#include "core/gateway.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "adapters/memory/memory_presence.h"
#include "base/completion.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "core/change_flags.h"
#include "core/local_gateways.h"

namespace tidings {
namespace {

Caller caller_of(UserId user, SessionId session = {}) {
  Caller caller;
  caller.user = user;
  caller.session = session;
  return caller;
}

// Writes down what it is told.
class Listener final : public Subscriber {
 public:
  struct Heard {
    std::uint64_t n = 0;
    std::vector<GroupId> groups;
  };

  Task<void> changed(std::uint64_t n, Time, std::vector<GroupId> groups) override {
    changes.push_back({n, std::move(groups)});
    if (hold) co_await *std::exchange(hold, nullptr);
  }
  Task<void> recheck() override {
    ++rechecks;
    co_return;
  }
  Task<void> session_ended() override {
    ++goodbyes;
    co_return;
  }

  std::vector<Heard> changes;
  int rechecks = 0;
  int goodbyes = 0;
  Completion<bool>* hold = nullptr;  // the next `changed` takes until this is set
};

// A presence that can be gone.
class ShakyPresence final : public Presence {
 public:
  explicit ShakyPresence(const Clock& clock) : inner_(clock) {}
  Task<Result<void>> connected(UserId user, GatewayId gateway) override {
    if (gone) return broken();
    return inner_.connected(user, std::move(gateway));
  }
  Task<Result<void>> disconnected(UserId user, GatewayId gateway) override {
    if (gone) return broken();
    return inner_.disconnected(user, std::move(gateway));
  }
  Task<Result<void>> heartbeat(GatewayId gateway) override {
    if (gone) return broken();
    return inner_.heartbeat(std::move(gateway));
  }
  Task<Result<std::vector<Location>>> locate(std::vector<UserId> users) override {
    return inner_.locate(std::move(users));
  }
  void lose_everything() { inner_.lose_everything(); }

  bool gone = false;

 private:
  static Task<Result<void>> broken() { co_return fail(ErrorCode::Unavailable); }
  MemoryPresence inner_;
};

struct NextTurn {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) const { Loop::current()->post(coroutine); }
  void await_resume() const noexcept {}
};
Task<void> some_turns() {
  for (int turn = 0; turn < 4; ++turn) co_await NextTurn();
}

struct GatewayTest : testing::Test {
  ~GatewayTest() override {
    for (const auto& connection : open_) run(gateway.close(connection));
    run(gateway.stop());
  }

  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }
  void settle() { run(some_turns()); }

  Task<void> do_tick() {
    gateway.tick();
    co_return;
  }
  // Lets time pass as a loop that is awake does.
  void pass(milliseconds time) {
    for (; time > milliseconds(0); time -= milliseconds(250)) {
      clock.advance(milliseconds(250));
      run(do_tick());
      settle();
    }
  }

  Gateway::ConnectionRef connect(UserId user, Listener& listener, SessionId session = {}) {
    auto connection = run(gateway.open(caller_of(user, session), listener)).value();
    gateway.begin(connection);
    open_.push_back(connection);
    return connection;
  }
  void disconnect(const Gateway::ConnectionRef& connection) {
    std::erase(open_, connection);
    run(gateway.close(connection));
  }
  void change(GroupId group, UserId user) {
    gateway.changed(group, {user});
    settle();
  }
  std::size_t places_of(UserId user) { return run(presence.locate({user})).value().size(); }

  ManualClock clock;
  ShakyPresence presence{clock};
  RunLoop loop;
  Gateway gateway{{"local", 7}, {&loop}, presence, clock};
  Listener alices;
  const UserId alice{Uuid::v4()};
  const GroupId one{Uuid::v4()};
  const GroupId two{Uuid::v4()};

 private:
  std::vector<Gateway::ConnectionRef> open_;
};

TEST(ChangeFlags, CollapseIntoRecheckAtThe257thGroup) {
  ChangeFlags flags;
  for (int group = 0; group < 256; ++group) flags.add(GroupId{Uuid::v4()});
  flags.add(flags.groups().front());
  EXPECT_FALSE(flags.recheck());
  EXPECT_EQ(flags.groups().size(), 256u);
  flags.add(GroupId{Uuid::v4()});
  EXPECT_TRUE(flags.recheck());
  EXPECT_EQ(flags.groups().capacity(), 0u);
}

TEST_F(GatewayTest, TellsAConnectionWhichGroupChanged) {
  connect(alice, alices);
  change(one, alice);
  ASSERT_EQ(alices.changes.size(), 1u);
  EXPECT_EQ(alices.changes[0].n, 1u);
  EXPECT_EQ(alices.changes[0].groups, std::vector{one});
}

TEST_F(GatewayTest, GathersChangesUntilTheAck) {
  const auto connection = connect(alice, alices);
  change(one, alice);
  change(two, alice);
  change(one, alice);
  change(two, alice);
  EXPECT_EQ(alices.changes.size(), 1u);
  EXPECT_TRUE(gateway.acked(connection, 1));
  ASSERT_EQ(alices.changes.size(), 2u);
  EXPECT_EQ(alices.changes[1].n, 2u);
  EXPECT_EQ(alices.changes[1].groups, (std::vector{two, one}));
}

TEST_F(GatewayTest, SaysNothingMoreWhenAnAckFindsNothingNew) {
  const auto connection = connect(alice, alices);
  change(one, alice);
  EXPECT_TRUE(gateway.acked(connection, 1));
  EXPECT_EQ(alices.changes.size(), 1u);
  change(one, alice);
  EXPECT_EQ(alices.changes.size(), 2u);
}

TEST_F(GatewayTest, DoesNotTakeAnOldAckForTheNewest) {
  const auto connection = connect(alice, alices);
  change(one, alice);
  gateway.acked(connection, 1);
  change(one, alice);
  change(two, alice);
  EXPECT_TRUE(gateway.acked(connection, 1));
  EXPECT_EQ(alices.changes.size(), 2u);
  EXPECT_FALSE(gateway.acked(connection, 3));
}

TEST_F(GatewayTest, GoesOnTwoSecondsAfterAMissingAck) {
  connect(alice, alices);
  change(one, alice);
  change(two, alice);
  pass(milliseconds(1'750));
  EXPECT_EQ(alices.changes.size(), 1u);
  pass(milliseconds(250));
  ASSERT_EQ(alices.changes.size(), 2u);
  EXPECT_EQ(alices.changes[1].groups, std::vector{two});
  EXPECT_EQ(gateway.stats().acks_missed, 1u);
}

TEST_F(GatewayTest, AsksForARecheckWhenMoreThan256GroupsChanged) {
  const auto connection = connect(alice, alices);
  change(one, alice);
  for (int group = 0; group < 257; ++group) gateway.changed(GroupId{Uuid::v4()}, {alice});
  settle();
  gateway.acked(connection, 1);
  EXPECT_EQ(alices.rechecks, 1);
  EXPECT_EQ(alices.changes.size(), 1u);
  change(one, alice);
  EXPECT_EQ(alices.changes.size(), 2u);
}

TEST_F(GatewayTest, SaysNothingBeforeHello) {
  auto connection = run(gateway.open(caller_of(alice), alices)).value();
  change(one, alice);
  EXPECT_TRUE(alices.changes.empty());
  gateway.begin(connection);
  EXPECT_EQ(alices.changes.size(), 1u);
  run(gateway.close(connection));
}

TEST_F(GatewayTest, TellsEveryConnectionOfAUserAndNobodyElse) {
  Listener phone;
  Listener bobs;
  connect(alice, alices);
  connect(alice, phone);
  connect(UserId{Uuid::v4()}, bobs);
  change(one, alice);
  EXPECT_EQ(alices.changes.size(), 1u);
  EXPECT_EQ(phone.changes.size(), 1u);
  EXPECT_TRUE(bobs.changes.empty());
}

TEST_F(GatewayTest, SpeaksToAConnectionOnceAtATime) {
  Completion<bool> written;
  alices.hold = &written;
  const auto connection = connect(alice, alices);
  change(one, alice);
  gateway.acked(connection, 1);
  change(two, alice);
  EXPECT_EQ(alices.changes.size(), 1u);
  written.set(true);
  settle();
  EXPECT_EQ(alices.changes.size(), 2u);
}

Task<void> set_later(Completion<bool>& completion) {
  co_await NextTurn();
  completion.set(true);
}
Task<void> close_while_speaking(Gateway& gateway, Gateway::ConnectionRef connection,
                                Completion<bool>& written, bool& closed) {
  TaskGroup tasks("test");
  tasks.spawn(set_later(written));
  auto closing = gateway.close(std::move(connection));
  co_await std::move(closing);
  closed = true;
  co_await tasks.join();
}
TEST_F(GatewayTest, ClosesWhenTheLastWordIsOut) {
  Completion<bool> written;
  alices.hold = &written;
  auto connection = run(gateway.open(caller_of(alice), alices)).value();
  gateway.begin(connection);
  change(one, alice);
  change(two, alice);
  bool closed = false;
  run(close_while_speaking(gateway, connection, written, closed));
  EXPECT_TRUE(closed);
  EXPECT_EQ(alices.changes.size(), 1u);
}

TEST_F(GatewayTest, WritesPresenceBeforeItIsOpenAndStrikesItOutAfterTheLastClose) {
  run(gateway.beat());
  Listener phone;
  const auto first = connect(alice, alices);
  EXPECT_EQ(places_of(alice), 1u);
  const auto second = connect(alice, phone);
  disconnect(first);
  EXPECT_EQ(places_of(alice), 1u);
  disconnect(second);
  EXPECT_EQ(places_of(alice), 0u);
}

TEST_F(GatewayTest, ClosesTheConnectionsOfASessionThatEnded) {
  const SessionId session{Uuid::v4()};
  Listener other;
  connect(alice, alices, session);
  connect(alice, other, SessionId{Uuid::v4()});
  gateway.session_ended(session.value);
  pass(milliseconds(250));
  EXPECT_EQ(alices.goodbyes, 1);
  EXPECT_EQ(other.goodbyes, 0);
  change(one, alice);
  EXPECT_TRUE(alices.changes.empty());
  pass(milliseconds(250));
  EXPECT_EQ(alices.goodbyes, 1);
}

TEST_F(GatewayTest, RefusesASessionThatHasJustEnded) {
  const SessionId session{Uuid::v4()};
  gateway.session_ended(session.value);
  const auto opened = run(gateway.open(caller_of(alice, session), alices));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::Unauthenticated);
  EXPECT_EQ(gateway.stats().connections, 0u);
}

TEST_F(GatewayTest, AsksAllToRecheckWhenItsLoopSlept) {
  connect(alice, alices);
  pass(seconds(3));
  EXPECT_EQ(alices.rechecks, 0);
  clock.advance(milliseconds(2'001));
  run(do_tick());
  EXPECT_EQ(alices.rechecks, 1);
}

TEST_F(GatewayTest, AsksForPollingEachMinuteWhilePresenceIsGone) {
  connect(alice, alices);
  EXPECT_EQ(gateway.poll_interval(), milliseconds(600'000));
  presence.gone = true;
  run(gateway.beat());
  EXPECT_EQ(gateway.poll_interval(), milliseconds(60'000));
  pass(milliseconds(250));
  EXPECT_EQ(alices.rechecks, 1);
  presence.gone = false;
  run(gateway.beat());
  EXPECT_EQ(gateway.poll_interval(), milliseconds(600'000));
  pass(milliseconds(250));
  EXPECT_EQ(alices.rechecks, 2);
}

TEST_F(GatewayTest, RegistersWhoCameWhilePresenceWasGone) {
  presence.gone = true;
  connect(alice, alices);
  presence.gone = false;
  run(gateway.beat());
  settle();
  EXPECT_EQ(places_of(alice), 1u);
  EXPECT_EQ(alices.rechecks, 1);
}

TEST_F(GatewayTest, RegistersEverybodyAnewWhenPresenceWasLost) {
  run(gateway.beat());
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<UserId> users;
  for (int user = 0; user < 100; ++user) {
    listeners.push_back(std::make_unique<Listener>());
    users.push_back({Uuid::v4()});
    connect(users.back(), *listeners.back());
  }
  presence.lose_everything();
  EXPECT_EQ(places_of(users[0]), 0u);
  run(gateway.presence_was_lost());
  EXPECT_EQ(run(presence.locate(users)).value().size(), 100u);
  for (const auto& listener : listeners) EXPECT_EQ(listener->rechecks, 0);
}

TEST_F(GatewayTest, IsReachedByItsNameAndNotByThatOfAnEarlierLife) {
  LocalGateways gateways(gateway);
  connect(alice, alices);
  EXPECT_TRUE(run(gateways.changed({"local", 6}, one, {alice})).has_value());
  settle();
  EXPECT_TRUE(alices.changes.empty());
  EXPECT_TRUE(run(gateways.changed(gateway.self(), one, {alice})).has_value());
  settle();
  EXPECT_EQ(alices.changes.size(), 1u);
  EXPECT_TRUE(run(gateways.recheck(gateway.self(), {alice})).has_value());
  settle();
  EXPECT_EQ(alices.rechecks, 0);
}

// Two loops of connections that come and go while two threads flag them: each connection that stays
// hears of the last change of its group.
class Home {
 public:
  Home(Gateway& gateway, const std::vector<UserId>& users) : gateway_(gateway), users_(users) {}

  Task<void> come_and_go(std::atomic<bool>& done) {
    unsigned turn = 0;
    while (!done) {
      Listener listener;
      auto opening = gateway_.open(caller_of(users_[++turn % users_.size()]), listener);
      const auto connection = co_await std::move(opening);
      gateway_.begin(*connection);
      co_await NextTurn();
      gateway_.acked(*connection, 1);
      gateway_.tick();
      auto closing = gateway_.close(*connection);
      co_await std::move(closing);
    }
  }

 private:
  Gateway& gateway_;
  const std::vector<UserId>& users_;
};

TEST(GatewayThreads, FlagWhileConnectionsComeAndGo) {
  SystemClock clock;
  MemoryPresence presence(clock);
  std::vector<RunLoop> loops(2);
  Gateway gateway({"local", 1}, {&loops[0], &loops[1]}, presence, clock);
  std::vector<UserId> users;
  for (int user = 0; user < 20; ++user) users.push_back({Uuid::v4()});
  std::atomic<bool> done = false;

  std::vector<std::thread> threads;
  for (RunLoop& loop : loops) {
    threads.emplace_back([&] {
      Home home(gateway, users);
      loop.run(home.come_and_go(done));
    });
  }
  std::vector<std::thread> flaggers;
  for (int flagger = 0; flagger < 2; ++flagger) {
    flaggers.emplace_back([&] {
      for (int change = 0; change < 3'000; ++change) {
        gateway.changed(GroupId{Uuid::v4()}, users);
        if (change % 100 == 0) gateway.session_ended(Uuid::v4());
        if (change % 500 == 0) gateway.recheck_all();
      }
    });
  }
  for (auto& flagger : flaggers) flagger.join();
  done = true;
  for (auto& thread : threads) thread.join();
  // What was posted behind the last close is still to run on each loop.
  for (RunLoop& loop : loops) loop.run(some_turns());
  loops[0].run(gateway.stop());
  EXPECT_EQ(gateway.stats().connections, 0u);
}

}  // namespace
}  // namespace tidings
