#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "net/test_peer.h"
#include "net/test_server.h"

namespace tidings {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

std::string get(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view body, std::string_view fields = {}) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string ask(std::uint16_t port, std::string_view request) {
  TestPeer peer(port);
  peer.send(request);
  peer.shutdown_send();
  return peer.read_to_end();
}

TEST(HttpServer, AnswersWithTheFieldsThatHttpWants) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(post("hello"));
  EXPECT_THAT(peer.read_answer(),
              MatchesRegex("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
                           "Date: ..., .. ... .... ..:..:.. GMT\r\nX-Request-Id: [a-z2-7]+-[0-9a-f]"
                           "+\r\n\r\nhello"));
}

TEST(HttpServer, AnswersRequestsThatComeInSingleBytes) {
  TestServer server;
  TestPeer peer(server.port());
  for (const char c : post("hello")) {
    peer.send({&c, 1});
  }
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nhello"));
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  TestServer server;
  TestPeer peer(server.port());
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += get("/query?" + std::to_string(i)) + post("in between");
  std::thread sender([&] { peer.send(requests); });
  for (int i = 0; i < 500; ++i) {
    EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\n" + std::to_string(i)));
    EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nin between"));
  }
  sender.join();
  EXPECT_EQ(server.server->requests(), 1'000u);
}

TEST(HttpServer, AnswersBeforeItClosesAHalfClosedConnection) {
  TestServer server;
  EXPECT_THAT(ask(server.port(), get("/query?1") + get("/query?2")), EndsWith("\r\n\r\n2"));
}

TEST(HttpServer, TakesAChunkedBody) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  peer.send("2\r\nde\r\n0\r\n\r\n" + get("/query?next"));
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nabcde"));
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nnext"));
}

TEST(HttpServer, LeavesTheBodyOutOfTheAnswerToHead) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send("HEAD /query?12345 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/query?next"));
  EXPECT_THAT(peer.read_answer(/*without_body=*/true), HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, SendsNoLengthWithoutContent) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(get("/empty") + get("/query?next"));
  EXPECT_THAT(peer.read_answer(), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(peer.read_answer(), EndsWith("next"));
}

TEST(HttpServer, TellsAClientThatWaitsToSendItsBody) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("ok");
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nok"));
}

TEST(HttpServer, ClosesAsTheClientAsks) {
  TestServer server;
  TestPeer one(server.port());
  one.send(get("/query?1", "Connection: close\r\n") + get("/query?2"));
  EXPECT_THAT(one.read_to_end(), HasSubstr("Connection: close\r\n\r\n1"));
  TestPeer old(server.port());
  old.send("GET /query?1 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_to_end(), HasSubstr("Connection: close\r\n\r\n1"));
  TestPeer kept(server.port());
  kept.send("GET /query?1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
  EXPECT_THAT(kept.read_answer(), HasSubstr("Connection: keep-alive\r\n\r\n1"));
  kept.send("GET /query?2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(kept.read_to_end(), EndsWith("\r\n\r\n2"));
}

TEST(HttpServer, RefusesWhatItCantReadAndCloses) {
  TestServer server;
  const std::pair<std::string, std::string> cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", "400"},
      {std::string("\x16\x03\x01\x02\x00\x01\x00", 7), "400"},
      {get("/", "Content-Length: 1\r\nContent-Length: 2\r\n") + "xx", "400"},
      {get("/", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", "400"},
      {get("/", "Content-Length: 262145\r\n"), "413"},
      {get("/", "Transfer-Encoding: chunked\r\n") + "40001\r\nx", "413"},
      {get("/", "A: " + std::string(16'384, 'x') + "\r\n"), "431"},
  };
  for (const auto& [request, status] : cases) {
    TestPeer peer(server.port());
    peer.send(request + get("/query?smuggled"));
    const std::string answer = peer.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status)) << request;
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("smuggled")));
  }
  EXPECT_EQ(server.server->requests(), 0u);
  EXPECT_EQ(server.server->refusals(), std::size(cases));
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(HttpServer, DeliversARefusalToAClientThatIsStillSending) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(get("/", "Content-Length: 1000000\r\n"));
  std::thread sender([&] { peer.send(std::string(1'000'000, 'x')); });
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 413"));
  sender.join();
}

TEST(HttpServer, TakesABodyAtTheLimit) {
  TestServer server;
  TestPeer peer(server.port());
  const std::string body(256 * 1024, 'x');
  std::thread sender([&] { peer.send(post(body)); });
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\n" + body));
  sender.join();
}

TEST(HttpServer, RefusesHeadersAndBodiesThatComeTooSlowly) {
  TestServer server(TestServer::hurried());
  for (const std::string& begun :
       {std::string("GET / HT"), get("/", "Content-Length: 5\r\n") + "x"}) {
    TestPeer peer(server.port());
    peer.send(begun);
    EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 408")) << begun;
  }
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(HttpServer, CountsTheTimeOfAHeadFromItsFirstByteAndNotItsLast) {
  TestServer server(TestServer::hurried());
  TestPeer peer(server.port());
  bool is_open = true;
  for (int i = 0; i < 100 && is_open; ++i) {
    is_open = peer.send(i == 0 ? "GET / HTTP/1.1\r\n" : "A: 1\r\n");
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 408"));
}

TEST(HttpServer, ClosesIdleConnectionsWithoutAWord) {
  TestServer server(TestServer::hurried());
  TestPeer fresh(server.port());
  TestPeer used(server.port());
  used.send(get("/query?1"));
  EXPECT_THAT(used.read_answer(), EndsWith("\r\n\r\n1"));
  EXPECT_THAT(used.read_to_end(), IsEmpty());
  EXPECT_THAT(fresh.read_to_end(), IsEmpty());
}

TEST(HttpServer, CutsAClientThatDoesNotTakeItsAnswer) {
  TestServer server([] {
    auto config = TestServer::hurried();
    config.limits.transfer_bytes_per_second = 100'000'000;
    return config;
  }());
  TestPeer peer(server.port());
  peer.send(get("/big"));
  EXPECT_TRUE(soon([&] { return server.server->requests() == 1; }));
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(HttpServer, SendsAnAnswerThatIsLargerThanTheBuffersOfTheKernel) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(get("/big") + get("/query?next"));
  EXPECT_EQ(peer.read_answer().substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nnext"));
}

TEST(HttpServer, AnswersInternalWhenTheHandlerThrows) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(get("/throw") + get("/query?next"));
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(peer.read_answer(), EndsWith("\r\n\r\nnext"));
}

TEST(HttpServer, RefusesConnectionsOverTheLimit) {
  TestServer server([] {
    HttpServer::Config config;
    config.limits.connections_max = 2;
    return config;
  }());
  TestPeer first(server.port());
  TestPeer second(server.port());
  ASSERT_TRUE(soon([&] { return server.server->open_connections() == 2; }));
  EXPECT_THAT(ask(server.port(), ""), StartsWith("HTTP/1.1 503"));
  first.close();
  ASSERT_TRUE(soon([&] { return server.server->open_connections() == 1; }));
  TestPeer third(server.port());
  third.send(get("/query?1"));
  EXPECT_THAT(third.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, LeaksNoConnectionHoweverItsPeersLeave) {
  TestServer server(HttpServer::Config(), /*loops=*/2);
  for (int i = 0; i < 1'000; ++i) {
    TestPeer peer(server.port());
    if (i % 5 > 0) peer.send(get("/query?1"));
    if (i % 5 == 1) peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
    if (i % 5 == 2) peer.read_answer();
    if (i % 5 == 3) peer.abort();
  }
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
  EXPECT_TRUE(soon([&] { return server.server->accepted_connections() == 1'000; }));
}

TEST(HttpServer, SurvivesAPeerThatLeavesWhileItsRequestIsInHand) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(get("/hold"));
  ASSERT_TRUE(soon([&] { return server.handler.held == 1; }));
  peer.abort();
  server.handler.released = true;
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(HttpServer, FinishesTheRequestInHandWhenItDrains) {
  TestServer server;
  TestPeer busy(server.port());
  busy.send(get("/hold"));
  TestPeer idle(server.port());
  ASSERT_TRUE(soon([&] { return server.handler.held == 1; }));
  ASSERT_TRUE(soon([&] { return server.server->open_connections() == 2; }));
  std::thread draining([&] { server.server->drain(seconds(5)); });
  EXPECT_THAT(idle.read_to_end(), IsEmpty());
  server.handler.released = true;
  const std::string answer = busy.read_to_end();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nreleased"));
  busy.close();
  draining.join();
  EXPECT_EQ(server.server->open_connections(), 0u);
}

TEST(HttpServer, CutsWhatIsStillOpenWhenTheTimeToDrainIsOver) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send("GET / HT");
  ASSERT_TRUE(soon([&] { return server.server->open_connections() == 1; }));
  server.server->drain(milliseconds(20));
  EXPECT_EQ(server.server->open_connections(), 0u);
}

TEST(HttpServer, SaysWhyItCantStart) {
  TestServer first;
  LoopThreads threads(1);
  TestHandler handler;
  HttpServer::Config config;
  config.address = "localhost";
  HttpServer by_name(threads.loops(), handler, config);
  EXPECT_EQ(by_name.start().error().code, ErrorCode::InvalidRequest);

  config.address = "127.0.0.1";
  config.port = first.port();
  HttpServer second(threads.loops(), handler, config);
  EXPECT_EQ(second.start().error().code, ErrorCode::Unavailable) << "the port is taken";

  config.address = "192.0.2.1";
  HttpServer elsewhere(threads.loops(), handler, config);
  EXPECT_EQ(elsewhere.start().error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace tidings
