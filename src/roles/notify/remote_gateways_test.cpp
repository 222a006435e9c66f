// Notification workers that reach each other's gateways, over real connections.
#include "roles/notify/remote_gateways.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "adapters/memory/memory_presence.h"
#include "base/log.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "net/http_client.h"
#include "net/loop_threads.h"
#include "roles/notify/gateway_handler.h"

namespace tidings {
namespace {

constexpr const char* kSecret = "a secret that has more than 32 characters";

template <class Condition>
bool soon(Condition holds) {
  for (int i = 0; i < 5'000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(1));
  return holds();
}

// Somebody who is connected, and acknowledges at once.
class Listener final : public Subscriber {
 public:
  explicit Listener(Gateway& gateway) : gateway_(gateway) {}
  Task<void> changed(std::uint64_t n, Time, std::vector<GroupId> groups) override {
    {
      const std::scoped_lock lock(mutex_);
      heard_.insert(groups.begin(), groups.end());
    }
    gateway_.acked(connection, n);
    co_return;
  }
  Task<void> recheck() override {
    ++rechecks;
    co_return;
  }
  Task<void> session_ended() override { co_return; }

  bool heard(GroupId group) {
    const std::scoped_lock lock(mutex_);
    return heard_.contains(group);
  }
  std::atomic<int> rechecks{0};
  Gateway::ConnectionRef connection;

 private:
  Gateway& gateway_;
  std::mutex mutex_;
  std::set<GroupId> heard_;
};

// One notification worker without its workers: a gateway, and where others reach it.
struct Worker {
  explicit Worker(Presence& presence, const Clock& clock, std::string secret = kSecret)
      : gateway({"", 7}, {threads.loops().front()}, presence, clock),
        handler(gateway, std::move(secret), clock),
        server(threads.loops(), handler, HttpServer::Config{}) {
    EXPECT_TRUE(server.start().has_value());
    block_on(open_on(*threads.loops().front()));
  }
  ~Worker() {
    server.drain(seconds(1));
    block_on(close_on(*threads.loops().front()));
    block_on(gateway.stop());
    threads.stop();
  }

  GatewayId id(std::uint64_t incarnation = 7) const {
    return {"127.0.0.1:" + std::to_string(server.port()), incarnation};
  }

  Task<void> open_on(Loop& loop) {
    Loop& home = *Loop::current();
    co_await resume_on(loop);
    Caller caller;
    caller.user = user;
    caller.session = SessionId{Uuid::v4()};
    auto opening = gateway.open(caller, listener);
    listener.connection = *co_await std::move(opening);
    gateway.begin(listener.connection);
    co_await resume_on(home);
  }
  Task<void> close_on(Loop& loop) {
    Loop& home = *Loop::current();
    co_await resume_on(loop);
    auto closing = gateway.close(listener.connection);
    co_await std::move(closing);
    co_await resume_on(home);
  }

  const UserId user{Uuid::v4()};
  LoopThreads threads{1};
  Gateway gateway;
  Listener listener{gateway};
  GatewayHandler handler;
  HttpServer server;
};

struct RemoteGatewaysTest : testing::Test {
  RemoteGatewaysTest() { set_log_level(LogLevel::Off); }
  ~RemoteGatewaysTest() override {
    block_on(own.stop());
    set_log_level(LogLevel::Info);
  }

  Result<void> tell(const GatewayId& gateway, GroupId group, std::vector<UserId> users) {
    return loop.run(gateways.changed(gateway, group, std::move(users)));
  }
  // What the internal listener answers to a call as it stands.
  int post(const Worker& worker, const char* path, std::string authorization, std::string body) {
    HttpClient client(loop, {.host = "127.0.0.1", .port = worker.server.port(), .ca_path = {}});
    HttpClient::Call call{.method = "POST",
                          .target = path,
                          .headers = {{"Authorization", std::move(authorization)}},
                          .body = std::move(body)};
    const auto reply =
        loop.run(client.call(std::move(call), std::chrono::steady_clock::now() + seconds(5)));
    return reply ? reply->status : 0;
  }

  SystemClock clock;
  MemoryPresence presence{clock};
  AsioLoop loop;
  Gateway own{{"127.0.0.1:1", 3}, {&loop}, presence, clock};
  RemoteGateways gateways{loop, own, kSecret};
};

TEST_F(RemoteGatewaysTest, MembersOnTwoGatewaysAreBothTold) {
  Worker one(presence, clock);
  Worker other(presence, clock);
  const GroupId group{Uuid::v4()};
  EXPECT_TRUE(tell(one.id(), group, {one.user}).has_value());
  EXPECT_TRUE(tell(other.id(), group, {other.user}).has_value());
  EXPECT_TRUE(soon([&] { return one.listener.heard(group) && other.listener.heard(group); }));
  EXPECT_EQ(gateways.stats().calls, 2u);
}

TEST_F(RemoteGatewaysTest, ARecheckReachesThoseWhoAreNamed) {
  Worker worker(presence, clock);
  EXPECT_TRUE(loop.run(gateways.recheck(worker.id(), {worker.user})).has_value());
  EXPECT_TRUE(soon([&] { return worker.listener.rechecks == 1; }));
}

TEST_F(RemoteGatewaysTest, TheOwnGatewayIsToldWithoutTheNetwork) {
  EXPECT_TRUE(tell(own.self(), {Uuid::v4()}, {{Uuid::v4()}}).has_value());
  EXPECT_EQ(gateways.stats().calls, 0u);
}

TEST_F(RemoteGatewaysTest, AnotherLifeOfAGatewayHoldsNobody) {
  Worker worker(presence, clock);
  const GroupId group{Uuid::v4()};
  EXPECT_TRUE(tell(worker.id(8), group, {worker.user}).has_value());
  EXPECT_TRUE(tell(worker.id(), {Uuid::v4()}, {worker.user}).has_value());
  EXPECT_FALSE(worker.listener.heard(group));
  EXPECT_EQ(gateways.stats().failed, 0u);
}

TEST_F(RemoteGatewaysTest, AnAddressThatIsNoneHoldsNobody) {
  for (const char* address : {"", "local", ":7402", "127.0.0.1:", "127.0.0.1:0", "a:b"}) {
    EXPECT_TRUE(tell({address, 7}, {Uuid::v4()}, {{Uuid::v4()}}).has_value()) << address;
  }
}

TEST_F(RemoteGatewaysTest, AGatewayThatIsDownIsUnavailable) {
  std::optional<Worker> worker(std::in_place, presence, clock);
  const GatewayId id = worker->id();
  EXPECT_TRUE(tell(id, {Uuid::v4()}, {worker->user}).has_value());
  worker.reset();
  const auto told = tell(id, {Uuid::v4()}, {{Uuid::v4()}});
  ASSERT_FALSE(told.has_value());
  EXPECT_EQ(told.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(gateways.stats().failed, 1u);
}

TEST_F(RemoteGatewaysTest, AnotherSecretIsRefused) {
  Worker worker(presence, clock, "another secret that is just as long, though");
  EXPECT_FALSE(tell(worker.id(), {Uuid::v4()}, {worker.user}).has_value());
  const std::string nothing = R"({"incarnation":"0000000000000007"})";
  EXPECT_EQ(post(worker, kTellPath, "", nothing), 401);
  EXPECT_EQ(post(worker, kTellPath, "Bearer ", nothing), 401);
  EXPECT_EQ(post(worker, kTellPath, std::string("Bearer ") + kSecret, nothing), 401);
  EXPECT_EQ(post(worker, "/elsewhere", "Bearer x", nothing), 401);
}

TEST_F(RemoteGatewaysTest, TheInternalListenerAnswersOnlyWhatItKnows) {
  Worker worker(presence, clock);
  const std::string authorization = std::string("Bearer ") + kSecret;
  const std::string right = R"({"incarnation":"0000000000000007"})";
  const std::string ended = R"({"incarnation":"0000000000000008"})";
  EXPECT_EQ(post(worker, kTellPath, authorization, right), 204);
  EXPECT_EQ(post(worker, kTellPath, authorization, ended), 410);
  EXPECT_EQ(post(worker, kTellPath, authorization, "nonsense"), 400);
  EXPECT_EQ(post(worker, "/v1/status", authorization, right), 404);
}

Task<void> tell_one(RemoteGateways& gateways, GatewayId gateway, GroupId group, UserId user,
                    int& told) {
  auto telling = gateways.changed(std::move(gateway), group, {user});
  const auto outcome = co_await std::move(telling);
  if (outcome) ++told;
}
Task<void> tell_all(RemoteGateways& gateways, const Worker& worker, std::vector<GroupId> groups,
                    int& told) {
  TaskGroup tellings("test");
  for (const GroupId group : groups) {
    tellings.spawn(tell_one(gateways, worker.id(), group, worker.user, told));
  }
  co_await tellings.join();
}

TEST_F(RemoteGatewaysTest, WhatWaitsForOneGatewayGoesInOneCall) {
  Worker worker(presence, clock);
  std::vector<GroupId> groups;
  for (int i = 0; i < 200; ++i) groups.push_back({Uuid::v4()});
  int told = 0;
  loop.run(tell_all(gateways, worker, groups, told));
  EXPECT_EQ(told, 200);
  EXPECT_EQ(gateways.stats().tellings, 200u);
  EXPECT_EQ(gateways.stats().calls, 2u);  // the first alone, and all that came meanwhile
  EXPECT_EQ(worker.server.accepted_connections(), 1u);
  EXPECT_TRUE(soon([&] {
    return std::ranges::all_of(groups, [&](GroupId group) { return worker.listener.heard(group); });
  }));
}

TEST_F(RemoteGatewaysTest, MoreThanMayWaitIsRefusedAtOnce) {
  Worker worker(presence, clock);
  RemoteGateways narrow(loop, own, kSecret, {.waiting_max = 10});
  std::vector<GroupId> groups;
  for (int i = 0; i < 20; ++i) groups.push_back({Uuid::v4()});
  int told = 0;
  loop.run(tell_all(narrow, worker, groups, told));
  EXPECT_EQ(told, 11);  // one under way and ten that wait
}

// Takes connections, and never answers.
class SilentHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest) override {
    while (!over) co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(1));
    co_return HttpResponse{};
  }
  HttpResponse problem(const Error&, std::string_view) override { return {}; }
  std::atomic<bool> over{false};
};

TEST_F(RemoteGatewaysTest, AGatewayThatIsSilentCostsTheDeadlineAndNoMore) {
  LoopThreads threads(1);
  SilentHandler silent;
  HttpServer server(threads.loops(), silent, HttpServer::Config{});
  ASSERT_TRUE(server.start().has_value());
  RemoteGateways hasty(loop, own, kSecret, {.answer_within = milliseconds(50)});
  const GatewayId id{"127.0.0.1:" + std::to_string(server.port()), 7};
  const Instant begun = std::chrono::steady_clock::now();
  const auto told = loop.run(hasty.changed(id, {Uuid::v4()}, {{Uuid::v4()}}));
  EXPECT_FALSE(told.has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(5));
  silent.over = true;
  server.drain(seconds(5));
}

}  // namespace
}  // namespace tidings
