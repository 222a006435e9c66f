#include "net/web_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "net/test_peer.h"
#include "net/test_server.h"
#include "net/web_socket_frame.h"

namespace tidings {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr MaskKey kMask{1, 2, 3, 4};

// The key and its answer are those of RFC 6455, section 1.3.
std::string handshake(std::string_view fields = "Sec-WebSocket-Protocol: other, tidings.test\r\n") {
  return "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n"
         "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string(fields) + "\r\n";
}

std::string frame(Opcode opcode, std::string_view payload) {
  std::string bytes;
  append_frame(bytes, opcode, payload, kMask);
  return bytes;
}
std::string text(std::string_view payload) { return frame(Opcode::Text, payload); }

// A fragment of a message: `frame` without its FIN bit.
std::string fragment(Opcode opcode, std::string_view payload) {
  std::string bytes = frame(opcode, payload);
  bytes[0] = static_cast<char>(bytes[0] & 0x7F);
  return bytes;
}

std::string unmasked(Opcode opcode, std::string_view payload) {
  std::string bytes;
  append_frame(bytes, opcode, payload, std::nullopt);
  return bytes;
}

std::string close_payload(std::uint16_t code, std::string_view reason = {}) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return payload.append(reason);
}

class Peer {
 public:
  explicit Peer(TestServer& server) : peer_(server.port()) {
    peer_.send(handshake());
    EXPECT_THAT(peer_.read_answer(), StartsWith("HTTP/1.1 101"));
  }

  bool send(std::string_view bytes) { return peer_.send(bytes); }

  // The payload of the next frame, which should be of that kind.
  std::string read(Opcode opcode) {
    std::string bytes = peer_.read_bytes(2);
    if (bytes.size() < 2) return "(closed)";
    const int length = bytes[1] & 0x7F;
    if (length >= 126) bytes += peer_.read_bytes(length == 126 ? 2 : 8);
    const FrameScan scan = scan_frame(bytes);
    EXPECT_EQ(scan.found, FrameScan::Found::Header);
    EXPECT_FALSE(scan.header.mask);
    EXPECT_EQ(scan.header.opcode, opcode);
    return peer_.read_bytes(static_cast<std::size_t>(scan.header.payload_bytes));
  }
  std::uint16_t read_close() {
    const std::string payload = read(Opcode::Close);
    if (payload.size() < 2) return 0;
    return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                      static_cast<unsigned char>(payload[1]));
  }
  std::string rest() { return peer_.read_to_end(); }
  TestPeer& raw() { return peer_; }

 private:
  TestPeer peer_;
};

TEST(WebSocket, OpensWithTheProtocolOfItsPath) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send(handshake());
  const std::string answer = peer.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(answer, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(answer, HasSubstr("Sec-WebSocket-Protocol: tidings.test\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
}

TEST(WebSocket, RefusesWhatIsNoHandshakeAndGoesOnWithHttp) {
  TestServer server;
  TestPeer peer(server.port());
  peer.send("GET /socket HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string plain = peer.read_answer();
  EXPECT_THAT(plain, StartsWith("HTTP/1.1 426"));
  EXPECT_THAT(plain, HasSubstr("Upgrade: websocket\r\n"));

  std::string old = handshake();
  old.replace(old.find("Version: 13"), 11, "Version: 8");
  peer.send(old);
  EXPECT_THAT(peer.read_answer(), HasSubstr("Sec-WebSocket-Version: 13\r\n"));

  std::string keyless = handshake();
  keyless.replace(keyless.find("dGhl"), 4, "");
  peer.send(keyless);
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 400"));

  peer.send(handshake("Sec-WebSocket-Protocol: other\r\n"));
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 400"));
  peer.send(handshake("Origin: https://foreign.example\r\n"));
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 403"));
  peer.send(handshake("Origin: throw\r\n"));
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
  peer.send("POST /socket HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 404"));

  peer.send(handshake(""));
  EXPECT_THAT(peer.read_answer(), Not(HasSubstr("Sec-WebSocket-Protocol")));
}

TEST(WebSocket, CarriesTextOfAnyLengthAndPieces) {
  TestServer server;
  TestPeer raw(server.port());
  raw.send(handshake() + text("at once"));  // not waiting for the answer
  raw.read_answer();
  EXPECT_EQ(raw.read_bytes(9), unmasked(Opcode::Text, "at once"));

  Peer peer(server);
  for (const std::size_t size : {0, 1, 125, 126, 127, 4'096}) {
    const std::string payload(size, 'x');
    peer.send(text(payload));
    EXPECT_EQ(peer.read(Opcode::Text), payload);
  }
  for (const char c : text("slowly")) {
    peer.send({&c, 1});
  }
  EXPECT_EQ(peer.read(Opcode::Text), "slowly");
  peer.send(text("one") + text("two"));
  EXPECT_EQ(peer.read(Opcode::Text), "one");
  EXPECT_EQ(peer.read(Opcode::Text), "two");
}

TEST(WebSocket, PutsFragmentsTogetherAndAnswersPingsBetweenThem) {
  TestServer server;
  Peer peer(server);
  // The parts of one character may come in different fragments.
  peer.send(fragment(Opcode::Text, "caf\xC3") + frame(Opcode::Ping, "still there?") +
            fragment(Opcode::Continuation, "\xA9 ") + frame(Opcode::Continuation, "noir"));
  EXPECT_EQ(peer.read(Opcode::Pong), "still there?");
  EXPECT_EQ(peer.read(Opcode::Text), "caf\xC3\xA9 noir");
}

TEST(WebSocket, ClosesWithTheCodeThatNamesTheOffence) {
  TestServer server;
  std::string reserved_bit = text("x");
  reserved_bit[0] = static_cast<char>(reserved_bit[0] | 0x40);
  std::string reserved_opcode = text("x");
  reserved_opcode[0] = static_cast<char>(0x83);
  const std::pair<std::string, int> cases[] = {
      {frame(Opcode::Binary, "x"), 1003},
      {text("\xC3\x28"), 1007},
      {text("\xED\xA0\x80"), 1007},
      {fragment(Opcode::Text, "x") + frame(Opcode::Continuation, "\xFF"), 1007},
      {text(std::string(4'097, 'x')), 1009},
      {fragment(Opcode::Text, std::string(4'096, 'x')) + frame(Opcode::Continuation, "x"), 1009},
      {std::string("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\2\3\4", 14), 1009},
      {std::string("\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\2\3\4", 14), 1002},
      {std::string("\x81\xFE\x00\x01\1\2\3\4x", 9), 1002},
      {unmasked(Opcode::Text, "x"), 1002},
      {reserved_bit, 1002},
      {reserved_opcode, 1002},
      {frame(Opcode::Continuation, "x"), 1002},
      {fragment(Opcode::Text, "x") + text("y"), 1002},
      {fragment(Opcode::Ping, "x"), 1002},
      {frame(Opcode::Ping, std::string(126, 'x')), 1002},
      {frame(Opcode::Close, "x"), 1002},
      {frame(Opcode::Close, close_payload(1005)), 1002},
      {frame(Opcode::Close, close_payload(999)), 1002},
      {frame(Opcode::Close, close_payload(1000, "\xFF")), 1002},
      {frame(Opcode::Close, close_payload(1000, "done")), 1000},
      {frame(Opcode::Close, close_payload(4999)), 4999},
      {frame(Opcode::Close, ""), 0},
  };
  for (const auto& [bytes, code] : cases) {
    Peer peer(server);
    peer.send(bytes);
    EXPECT_EQ(peer.read_close(), code) << ::testing::PrintToString(bytes.substr(0, 20));
    EXPECT_THAT(peer.rest(), IsEmpty());
  }
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(WebSocket, ClosesWithTheHandlersCodeAndHearsThePeersAnswer) {
  TestServer server;
  Peer peer(server);
  peer.send(text("close") + text("unheard"));
  EXPECT_EQ(peer.read(Opcode::Close), close_payload(4'401, "as asked"));
  peer.send(frame(Opcode::Close, close_payload(4'401)));
  EXPECT_THAT(peer.rest(), IsEmpty());
}

TEST(WebSocket, ClosesWhenTheHandlerLeaves) {
  TestServer server;
  Peer peer(server);
  peer.send(text("leave"));
  EXPECT_EQ(peer.read_close(), 1000);
  peer.send(frame(Opcode::Close, close_payload(1000)));
  EXPECT_THAT(peer.rest(), IsEmpty());
}

TEST(WebSocket, CutsAPeerThatDoesNotAnswerTheClose) {
  TestServer server([] {
    auto config = TestServer::hurried();
    config.limits.close_time = milliseconds(50);
    return config;
  }());
  Peer peer(server);
  peer.send(text("leave"));
  EXPECT_EQ(peer.read_close(), 1000);
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(WebSocket, PingsAndCutsAPeerThatDoesNotAnswer) {
  TestServer server([] {
    auto config = TestServer::hurried();
    config.limits.ping_every = milliseconds(50);
    config.limits.pong_time = milliseconds(200);
    return config;
  }());
  Peer peer(server);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(peer.read(Opcode::Ping), "");
    peer.send(frame(Opcode::Pong, ""));
  }
  EXPECT_EQ(server.server->open_web_sockets(), 1u);
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(WebSocket, EndsAPeerThatDoesNotReadBeforeItsQueueGrows) {
  TestServer server(TestServer::hurried());
  Peer peer(server);
  const int little = 4'096;
  setsockopt(peer.raw().socket(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  peer.send(text("flood"));
  // The writer waits for the peer, so the queue holds one frame; pongs are queued behind it.
  std::string pings;
  for (int i = 0; i < 100; ++i) pings += frame(Opcode::Ping, std::string(125, 'p'));
  for (int i = 0; i < 100 && peer.send(pings); ++i) {
  }
  ASSERT_TRUE(soon([&] { return server.sockets.written > 0; }));
  const int written = server.sockets.written;
  EXPECT_LT(written, 999);
  peer.raw().abort();
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
}

TEST(WebSocket, IsGoneWhenItsPeerIs) {
  TestServer server;
  {
    Peer leaving(server);
    Peer aborting(server);
    aborting.send(text("x"));
    aborting.raw().abort();
  }
  EXPECT_TRUE(soon([&] { return server.server->open_connections() == 0; }));
  EXPECT_EQ(server.server->open_web_sockets(), 0u);
}

TEST(WebSocket, SaysGoodbyeWhenTheServerDrains) {
  TestServer server;
  Peer peer(server);
  std::thread draining([&] { server.server->drain(seconds(5)); });
  EXPECT_EQ(peer.read(Opcode::Text), "bye");
  EXPECT_EQ(peer.read_close(), 1001);
  peer.send(frame(Opcode::Close, close_payload(1001)));
  EXPECT_THAT(peer.rest(), IsEmpty());
  peer.raw().close();
  draining.join();
  EXPECT_EQ(server.server->open_connections(), 0u);
}

TEST(WebSocket, IsCutWhenTheTimeToDrainIsOver) {
  TestServer server;
  Peer peer(server);
  server.server->drain(milliseconds(20));
  EXPECT_EQ(server.server->open_connections(), 0u);
}

}  // namespace
}  // namespace tidings
