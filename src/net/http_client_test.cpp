#include "net/http_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/task_group.h"
#include "net/test_certificate.h"
#include "net/test_peer.h"
#include "net/test_server.h"
#include "net/tls.h"

namespace tidings {
namespace {

Instant in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

HttpClient::Call get(std::string target) { return {"GET", std::move(target), {}, ""}; }

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClient client_of(std::uint16_t port) {
    HttpClient::Config config;
    config.host = "127.0.0.1";
    config.port = port;
    return HttpClient(loop, config);
  }
  Result<HttpReply> call(HttpClient& client, HttpClient::Call call,
                         milliseconds time = seconds(5)) {
    return loop.run(client.call(std::move(call), in(time)));
  }

  AsioLoop loop;
};

TEST_F(HttpClientTest, CallsAgainAndAgainOnOneConnection) {
  TestServer server;
  auto client = client_of(server.port());
  for (int i = 0; i < 10; ++i) {
    const std::string body(static_cast<std::size_t>(i) * 20'000, 'x');
    const auto reply = call(client, {"POST", "/echo", {{"X-Some", "thing"}}, body});
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, body);
    EXPECT_EQ(reply->header("content-type"), "text/plain");
  }
  EXPECT_EQ(call(client, get("/nowhere"))->status, 404);
  EXPECT_EQ(call(client, get("/empty"))->status, 204);
  EXPECT_EQ(call(client, {"HEAD", "/echo", {}, ""})->status, 200);
  EXPECT_EQ(call(client, get("/big"))->body.size(), 8'000'000u);
  EXPECT_EQ(server.server->accepted_connections(), 1u);
}

Task<void> keep_body(HttpClient& client, std::string query, std::vector<std::string>& bodies) {
  auto reply = co_await client.call(get("/query?" + query), in(seconds(5)));
  bodies.push_back(reply ? reply->body : "nothing");
}
Task<void> call_at_once(HttpClient& client, std::vector<std::string>& bodies) {
  TaskGroup calls("test");
  for (int i = 0; i < 20; ++i) {
    calls.spawn(keep_body(client, std::to_string(i % 2), bodies));
  }
  co_await calls.join();
}

TEST_F(HttpClientTest, MakesSeveralCallsAtOnce) {
  TestServer server;
  auto client = client_of(server.port());
  std::vector<std::string> bodies;
  loop.run(call_at_once(client, bodies));
  EXPECT_EQ(std::ranges::count(bodies, "0"), 10);
  EXPECT_EQ(std::ranges::count(bodies, "1"), 10);
}

TEST_F(HttpClientTest, CallsAgainWhenAKeptConnectionWasClosed) {
  TestServer server(TestServer::hurried());
  auto client = client_of(server.port());
  EXPECT_TRUE(call(client, get("/query?1")).has_value());
  ASSERT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
  EXPECT_EQ(call(client, get("/query?2"))->body, "2");
}

TEST_F(HttpClientTest, GivesUpAtItsDeadline) {
  TestServer server;
  auto client = client_of(server.port());
  const auto reply = call(client, get("/hold"), milliseconds(50));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
  server.handler.released = true;
}

TEST_F(HttpClientTest, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    TestServer server;
    port = server.port();
  }
  auto client = client_of(port);
  EXPECT_EQ(call(client, get("/")).error().code, ErrorCode::Unavailable);
}

// Answers one connection with the bytes it is given, and closes.
class Script {
 public:
  explicit Script(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 5), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const int socket = ::accept(listener_, nullptr, nullptr);
      char request[4096];
      EXPECT_GT(::recv(socket, request, sizeof request, 0), 0);
      // Until the client has seen enough, and is gone.
      for (const char c : answer) {
        if (::send(socket, &c, 1, MSG_NOSIGNAL) != 1) break;
      }
      ::close(socket);
    });
  }
  ~Script() {
    thread_.join();
    ::close(listener_);
  }

  std::uint16_t port = 0;

 private:
  int listener_;
  std::thread thread_;
};

TEST_F(HttpClientTest, ReadsTheAnswersThatOtherServersGive) {
  const std::pair<std::string, std::string> cases[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
       "abcd"},
      {"HTTP/1.1 200\r\n\r\nuntil the end", "until the end"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n"
       "Content-Length: 2\r\n\r\nok",
       "ok"},
  };
  for (const auto& [answer, body] : cases) {
    Script script(answer);
    auto client = client_of(script.port);
    const auto reply = call(client, get("/"));
    ASSERT_TRUE(reply.has_value()) << answer;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, body);
  }
}

TEST_F(HttpClientTest, TakesNoAnswerThatIsCutOrIsNotHttp) {
  for (const std::string answer : {
           "",
           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
           "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "SSH-2.0-something\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
       }) {
    Script script(answer);
    auto client = client_of(script.port);
    EXPECT_EQ(call(client, get("/")).error().code, ErrorCode::Unavailable) << answer;
  }
}

TEST_F(HttpClientTest, SpeaksTlsWithAServerThatItsAuthorityVouchesFor) {
  const TestCertificate certificate;
  HttpServer::Config config;
  config.tls = HttpServer::Tls{certificate.certificate_path, certificate.key_path};
  TestServer server(std::move(config));

  HttpClient::Config trusting;
  trusting.host = "127.0.0.1";
  trusting.port = server.port();
  trusting.tls = true;
  trusting.ca_path = certificate.certificate_path;
  HttpClient client(loop, trusting);
  for (const std::size_t size : {5, 0, 100'000, 250'000}) {
    const std::string body(size, 'x');
    const auto reply = call(client, {"POST", "/echo", {}, body});
    EXPECT_TRUE(reply.has_value() && reply->body == body) << size;
  }
  EXPECT_EQ(call(client, get("/big"))->body.size(), 8'000'000u);
  EXPECT_EQ(server.server->accepted_connections(), 1u);

  trusting.host = "localhost";  // the certificate is for the address
  HttpClient by_name(loop, trusting);
  EXPECT_TRUE(call(by_name, get("/query?1")).error().detail.contains("hostname mismatch"));
  trusting.host = "127.0.0.1";
  trusting.ca_path.clear();  // the system's authorities don't know it
  HttpClient strict(loop, trusting);
  EXPECT_TRUE(call(strict, get("/query?1")).error().detail.contains("certificate is not trusted"));

  auto plain = client_of(server.port());
  EXPECT_FALSE(call(plain, get("/query?1")).has_value());
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 1; }));
}

TEST_F(HttpClientTest, WaitsNoLongerForATlsHandshakeThanForAHead) {
  const TestCertificate certificate;
  auto config = TestServer::hurried();
  config.tls = HttpServer::Tls{certificate.certificate_path, certificate.key_path};
  TestServer server(std::move(config));
  TestPeer peer(server.port());
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(HttpClientTest, NeedsACertificateThatFitsItsKey) {
  const TestCertificate one;
  const TestCertificate other;
  LoopThreads threads(1);
  TestHandler handler;
  HttpServer::Config config;
  config.tls = HttpServer::Tls{one.certificate_path, other.key_path};
  HttpServer server(threads.loops(), handler, config);
  EXPECT_EQ(server.start().error().code, ErrorCode::InvalidRequest);
}

TEST_F(HttpClientTest, IsShownANewCertificateWhileOldConnectionsGoOn) {
  namespace fs = std::filesystem;
  const TestCertificate shown;
  const TestCertificate next;
  const auto old_path = shown.certificate_path + ".old";
  fs::copy_file(shown.certificate_path, old_path);
  HttpServer::Config config;
  config.tls = HttpServer::Tls{shown.certificate_path, shown.key_path};
  TestServer server(std::move(config));
  const auto trusting = [&](const std::string& ca_path) {
    HttpClient::Config trust{.host = "127.0.0.1", .port = server.port(), .ca_path = ca_path};
    trust.tls = true;
    return HttpClient(loop, trust);
  };
  auto open = trusting(old_path);
  EXPECT_TRUE(call(open, get("/query?1")).has_value());

  const auto overwrite = fs::copy_options::overwrite_existing;
  fs::copy_file(next.certificate_path, shown.certificate_path, overwrite);
  EXPECT_EQ(server.server->renew_certificate().error().code, ErrorCode::InvalidRequest)
      << "the key is still the old one";
  auto before = trusting(old_path);
  EXPECT_TRUE(call(before, get("/query?1")).has_value());

  fs::copy_file(next.key_path, shown.key_path, overwrite);
  EXPECT_TRUE(server.server->renew_certificate().has_value());
  auto after = trusting(next.certificate_path);
  EXPECT_TRUE(call(after, get("/query?1")).has_value());
  auto distrusting = trusting(old_path);
  EXPECT_FALSE(call(distrusting, get("/query?1")).has_value());
  EXPECT_TRUE(call(open, get("/query?1")).has_value());
  EXPECT_EQ(server.server->accepted_connections(), 4u) << "the first one is still open";
}

TEST(TlsContext, SaysInWordsWhyAFileCanNotBeUsed) {
  const TestCertificate one;
  const TestCertificate other;
  const auto why = [](const std::string& certificate, const std::string& key) {
    const auto made = TlsContext::for_server(certificate, key);
    return made ? "nothing" : made.error().detail;
  };
  EXPECT_EQ(why(one.certificate_path, one.key_path), "nothing");
  EXPECT_EQ(why("none.pem", one.key_path),
            "The certificate none.pem can't be used: No such file or directory.");
  EXPECT_EQ(why(one.key_path, one.key_path),
            "The certificate " + one.key_path +
                " can't be used: it is not what it should be in PEM, or cut off.");
  EXPECT_EQ(why(one.certificate_path, one.certificate_path),
            "The key " + one.certificate_path +
                " can't be used: it is not what it should be in PEM, or cut off.");
  EXPECT_EQ(why(one.certificate_path, other.key_path),
            "The key " + other.key_path + " can't be used: it is not the key of the certificate.");
  one.encrypt_key();
  EXPECT_EQ(why(one.certificate_path, one.key_path),
            "The key " + one.key_path +
                " can't be used: it is encrypted, and nobody is there to be asked for a "
                "passphrase.");
}

}  // namespace
}  // namespace tidings
