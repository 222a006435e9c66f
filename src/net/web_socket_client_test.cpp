#include "net/web_socket_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "net/test_certificate.h"
#include "net/test_server.h"

namespace tidings {
namespace {

Instant in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

WebSocketClient::Config to(const TestServer& server) {
  WebSocketClient::Config config;
  config.host = "127.0.0.1";
  config.port = server.port();
  config.target = "/socket";
  config.protocol = "tidings.test";
  return config;
}

// Sends each text and returns what comes back, joined.
Task<std::string> talk(AsioLoop& loop, WebSocketClient::Config config,
                       std::vector<std::string> texts) {
  auto opened = co_await WebSocketClient::connect(loop, std::move(config), in(seconds(5)));
  if (!opened) co_return opened.error().detail;
  const std::unique_ptr<WebSocketClient> client = std::move(*opened);
  std::string heard;
  for (std::string& text : texts) {
    const bool is_open = co_await client->socket().write(std::move(text));
    if (!is_open) co_return "closed";
    std::optional<std::string> answer = co_await client->socket().read();
    heard += answer.value_or("(end)");
  }
  co_await client->shut();
  co_return heard;
}

TEST(WebSocketClient, TalksToAServer) {
  TestServer server;
  AsioLoop loop;
  const std::string long_text(4'096, 'x');
  EXPECT_EQ(loop.run(talk(loop, to(server), {"one ", "two ", long_text})), "one two " + long_text);
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(WebSocketClient, TalksOverTls) {
  const TestCertificate certificate;
  HttpServer::Config server_config;
  server_config.tls = HttpServer::Tls{certificate.certificate_path, certificate.key_path};
  TestServer server(std::move(server_config));
  auto config = to(server);
  config.tls = true;
  config.ca_path = certificate.certificate_path;
  AsioLoop loop;
  EXPECT_EQ(loop.run(talk(loop, config, {"one ", "two"})), "one two");
}

TEST(WebSocketClient, HearsTheEndWhenTheServerCloses) {
  TestServer server;
  AsioLoop loop;
  EXPECT_EQ(loop.run(talk(loop, to(server), {"x", "leave"})), "x(end)");
}

TEST(WebSocketClient, HearsTheEndWhenTheServerDrains) {
  TestServer server;
  AsioLoop loop;
  static constexpr auto kListen = [](AsioLoop& loop,
                                     WebSocketClient::Config config) -> Task<std::string> {
    auto opened = co_await WebSocketClient::connect(loop, std::move(config), in(seconds(5)));
    if (!opened) co_return opened.error().detail;
    const std::unique_ptr<WebSocketClient> client = std::move(*opened);
    std::string heard;
    while (true) {
      const std::optional<std::string> text = co_await client->socket().read();
      if (!text) break;
      heard += *text;
    }
    co_await client->shut();
    co_return heard;
  };
  std::thread draining([&] {
    EXPECT_TRUE(soon([&] { return server.server->open_web_sockets() == 1; }));
    server.server->drain(seconds(5));
  });
  EXPECT_EQ(loop.run(kListen(loop, to(server))), "bye");
  draining.join();
}

Task<ErrorCode> refusal(AsioLoop& loop, WebSocketClient::Config config) {
  auto opened = co_await WebSocketClient::connect(loop, std::move(config), in(seconds(5)));
  if (opened) {
    co_await (*opened)->shut();
    co_return ErrorCode::Internal;
  }
  co_return opened.error().code;
}

TEST(WebSocketClient, SaysWhyItWasRefused) {
  TestServer server;
  AsioLoop loop;
  auto foreign = to(server);
  foreign.headers = {{"Origin", "https://foreign.example"}};
  EXPECT_EQ(loop.run(refusal(loop, foreign)), ErrorCode::Forbidden);
  auto broken = to(server);
  broken.headers = {{"Origin", "throw"}};
  EXPECT_EQ(loop.run(refusal(loop, broken)), ErrorCode::Unavailable);
  auto elsewhere = to(server);
  elsewhere.target = "/nowhere";
  EXPECT_EQ(loop.run(refusal(loop, elsewhere)), ErrorCode::Forbidden);
  auto nobody = to(server);
  nobody.port = 1;
  EXPECT_EQ(loop.run(refusal(loop, nobody)), ErrorCode::Unavailable);
}

}  // namespace
}  // namespace tidings
