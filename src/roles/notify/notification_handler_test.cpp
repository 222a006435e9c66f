#include "roles/notify/notification_handler.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "adapters/memory/memory_presence.h"
#include "base/completion.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

struct NextTurn {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) const { Loop::current()->post(coroutine); }
  void await_resume() const noexcept {}
};
Task<void> some_turns() {
  for (int turn = 0; turn < 6; ++turn) co_await NextTurn();
}

// A socket whose other end is the test.
class FakeSocket final : public WebSocket {
 public:
  explicit FakeSocket(Loop& loop) : loop_(loop) {}

  Task<std::optional<std::string>> read() override {
    while (incoming_.empty()) {
      if (code != 0) co_return std::nullopt;
      Completion<bool> arrived;
      reader_ = &arrived;
      co_await arrived;
    }
    std::string text = std::move(incoming_.front());
    incoming_.pop_front();
    co_return text;
  }
  Task<bool> write(std::string text) override {
    if (code != 0) co_return false;
    frames.push_back(std::move(text));
    co_return true;
  }
  void close(std::uint16_t with, std::string_view) override {
    if (code == 0) code = with;
    wake();
  }
  Loop& loop() override { return loop_; }

  void receive(std::string text) {
    incoming_.push_back(std::move(text));
    wake();
  }

  std::vector<std::string> frames;
  std::uint16_t code = 0;

 private:
  void wake() {
    if (reader_ != nullptr) std::exchange(reader_, nullptr)->set(true);
  }
  Loop& loop_;
  std::deque<std::string> incoming_;
  Completion<bool>* reader_ = nullptr;
};

struct NotificationHandlerTest : testing::Test {
  ~NotificationHandlerTest() override {
    for (auto& socket : sockets) socket->close(1000, "");
    loop.run(tasks.join());
    loop.run(gateway.stop());
  }

  Task<Result<Caller>> authenticate(std::string token) {
    const auto caller = callers.find(token);
    if (token == "broken") co_return fail(ErrorCode::Unavailable);
    if (caller == callers.end()) co_return fail(ErrorCode::Unauthenticated);
    co_return caller->second;
  }
  static HttpRequest request_with(std::vector<std::pair<std::string, std::string>> headers) {
    HttpRequest request;
    request.headers = std::move(headers);
    return request;
  }
  FakeSocket& connect(HttpRequest request) {
    sockets.push_back(std::make_unique<FakeSocket>(loop));
    FakeSocket& socket = *sockets.back();
    loop.run(spawn(socket, std::move(request)));
    settle();
    return socket;
  }
  Task<void> spawn(FakeSocket& socket, HttpRequest request) {
    tasks.spawn(handler.run(socket, std::move(request)));
    co_return;
  }
  FakeSocket& connect_as(const std::string& token) {
    return connect(request_with({{"authorization", "Bearer " + token}}));
  }
  void receive(FakeSocket& socket, std::string text) {
    socket.receive(std::move(text));
    settle();
  }
  void change(GroupId group) {
    gateway.changed(group, {alice.user});
    settle();
  }
  void settle() { loop.run(some_turns()); }
  Task<void> do_tick() {
    gateway.tick();
    co_return;
  }
  static Caller make_caller() {
    Caller caller;
    caller.user = {Uuid::v4()};
    caller.session = SessionId{Uuid::v4()};
    return caller;
  }
  int refusal(std::vector<std::pair<std::string, std::string>> headers) {
    const HttpRequest request = request_with(std::move(headers));
    const auto refused = loop.run(handler.accept(request));
    return refused ? refused->status : 0;
  }

  ManualClock clock;
  RunLoop loop;
  MemoryPresence presence{clock};
  Gateway gateway{{"local", 1}, {&loop}, presence, clock};
  const Caller alice = make_caller();
  std::map<std::string, Caller> callers{{"alices-token", alice}};
  NotificationHandler handler{
      [this](std::string token) { return authenticate(std::move(token)); },
      gateway,
      clock,
      {.allowed_origins = {"https://chat.example.org"}, .auth_within = milliseconds(50)}};
  const GroupId one{*Uuid::parse("01234567-89ab-7def-8123-456789abcdef")};
  TaskGroup tasks{"test"};
  std::vector<std::unique_ptr<FakeSocket>> sockets;
};

TEST_F(NotificationHandlerTest, SaysHelloToWhoeverSentAToken) {
  const FakeSocket& socket = connect_as("alices-token");
  ASSERT_EQ(socket.frames.size(), 1u);
  EXPECT_TRUE(socket.frames[0].starts_with(R"({"type":"hello","api":"1.0","server_time":")"));
  EXPECT_TRUE(socket.frames[0].ends_with(R"("poll_ms":600000})"));
}

TEST_F(NotificationHandlerTest, SaysHelloToWhoeverAuthenticatesByTheFirstFrame) {
  FakeSocket& socket = connect({});
  EXPECT_TRUE(socket.frames.empty());
  receive(socket, R"({"type":"auth","access_token":"alices-token"})");
  ASSERT_EQ(socket.frames.size(), 1u);
  EXPECT_TRUE(socket.frames[0].starts_with(R"({"type":"hello")"));
  EXPECT_EQ(socket.code, 0);
}

TEST_F(NotificationHandlerTest, Closes4401WithoutGoodAuthentication) {
  EXPECT_EQ(connect_as("nobodys-token").code, 4401);
  EXPECT_EQ(connect(request_with({{"authorization", "Basic YTpi"}})).code, 4401);
  FakeSocket& wrong_first = connect({});
  receive(wrong_first, R"({"type":"ack","n":1})");
  EXPECT_EQ(wrong_first.code, 4401);
  FakeSocket& wrong_token = connect({});
  receive(wrong_token, R"({"type":"auth","access_token":"nobodys-token"})");
  EXPECT_EQ(wrong_token.code, 4401);
  EXPECT_EQ(wrong_token.frames,
            std::vector<std::string>{
                R"({"type":"bye","reason":"unauthenticated","reconnect_after_ms":1000})"});
}

Task<void> wait_until_closed(const FakeSocket& socket) {
  while (socket.code == 0) {
    co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(1));
  }
}
TEST_F(NotificationHandlerTest, Closes4401WhenNobodyAuthenticatesInTime) {
  FakeSocket& socket = connect({});
  loop.run(wait_until_closed(socket));
  EXPECT_EQ(socket.code, 4401);
  EXPECT_EQ(socket.frames.size(), 1u);
  receive(socket, R"({"type":"auth","access_token":"alices-token"})");
  EXPECT_EQ(socket.frames.size(), 1u);
}

TEST_F(NotificationHandlerTest, AsksToComeBackWhenItCannotTellWhoItIs) {
  const FakeSocket& socket = connect_as("broken");
  EXPECT_EQ(socket.code, 1001);
  ASSERT_EQ(socket.frames.size(), 1u);
  EXPECT_TRUE(socket.frames[0].starts_with(R"({"type":"bye","reason":"unavailable")"));
}

TEST_F(NotificationHandlerTest, SendsTheNextChangeAfterTheAck) {
  FakeSocket& socket = connect_as("alices-token");
  change(one);
  ASSERT_EQ(socket.frames.size(), 2u);
  EXPECT_TRUE(socket.frames[1].starts_with(R"({"type":"changed","n":1,"time":")"));
  EXPECT_TRUE(socket.frames[1].ends_with(R"("groups":["01234567-89ab-7def-8123-456789abcdef"]})"));
  change(one);
  EXPECT_EQ(socket.frames.size(), 2u);
  receive(socket, R"({"type":"ack","n":1})");
  EXPECT_EQ(socket.frames.size(), 3u);
}

TEST_F(NotificationHandlerTest, Closes1008AfterAFrameThatIsNotOfTheProtocol) {
  for (const char* text : {"hello", R"({"type":"ack","n":1})", R"({"type":"ack","n":0})",
                           R"({"type":"auth","access_token":"alices-token"})"}) {
    FakeSocket& socket = connect_as("alices-token");
    receive(socket, text);
    EXPECT_EQ(socket.code, 1008) << text;
    EXPECT_EQ(socket.frames.back(),
              R"({"type":"bye","reason":"protocol-error","reconnect_after_ms":1000})");
  }
  FakeSocket& first = connect({});
  receive(first, "{");
  EXPECT_EQ(first.code, 1008);
}

TEST_F(NotificationHandlerTest, Closes4401WhenTheSessionEnds) {
  FakeSocket& socket = connect_as("alices-token");
  gateway.session_ended(alice.session->value);
  loop.run(do_tick());
  settle();
  EXPECT_EQ(socket.code, 4401);
  EXPECT_EQ(socket.frames.back(),
            R"({"type":"bye","reason":"session-ended","reconnect_after_ms":1000})");
  EXPECT_EQ(gateway.stats().connections, 0u);
  EXPECT_EQ(connect_as("alices-token").code, 4401);
}

TEST_F(NotificationHandlerTest, SaysGoodbyeWhenTheServerDrains) {
  FakeSocket& socket = connect_as("alices-token");
  loop.run(handler.say_goodbye(socket));
  EXPECT_EQ(socket.code, 1001);
  EXPECT_TRUE(socket.frames.back().starts_with(R"({"type":"bye","reason":"drain")"));
}

TEST_F(NotificationHandlerTest, ForgetsAConnectionThatTheClientClosed) {
  FakeSocket& socket = connect_as("alices-token");
  EXPECT_EQ(gateway.stats().connections, 1u);
  socket.close(1000, "");
  settle();
  EXPECT_EQ(gateway.stats().connections, 0u);
}

TEST_F(NotificationHandlerTest, RefusesATokenInTheAddress) {
  HttpRequest request = request_with({{"host", "127.0.0.1:7400"}});
  request.query = "access_token=alices-token";
  const auto refused = loop.run(handler.accept(request));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 400);
  EXPECT_NE(refused->body.find(R"("field":"access_token")"), std::string::npos) << refused->body;
  EXPECT_EQ(refused->body.find("alices-token"), std::string::npos);
}

TEST_F(NotificationHandlerTest, RefusesPagesOfAForeignOrigin) {
  EXPECT_EQ(refusal({{"host", "127.0.0.1:7400"}}), 0);
  EXPECT_EQ(refusal({{"host", "127.0.0.1:7400"}, {"origin", "http://127.0.0.1:7400"}}), 0);
  EXPECT_EQ(refusal({{"host", "127.0.0.1:7400"}, {"origin", "https://chat.example.org"}}), 0);
  EXPECT_EQ(refusal({{"host", "127.0.0.1:7400"}, {"origin", "http://evil.example"}}), 403);
  EXPECT_EQ(refusal({{"host", "127.0.0.1:7400"}, {"origin", "http://127.0.0.1:7401"}}), 403);
  EXPECT_EQ(refusal({{"host", "127.0.0.1:7400"}, {"origin", "null"}}), 403);
}

}  // namespace
}  // namespace tidings
