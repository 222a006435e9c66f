#include "net/request_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tidings {
namespace {

using Progress = RequestParser::Progress;

struct Parsed {
  Progress progress = Progress::Head;
  HttpRequest request;
  Error refusal;
  bool keeps_alive = false;
  std::string left;
};

// Feeds `bytes` in pieces of `piece` bytes, keeping what is not used as a connection does.
Parsed parse(std::string_view bytes, std::size_t piece = std::string_view::npos,
             HttpLimits limits = {}) {
  RequestParser parser(limits);
  std::string kept;
  Parsed parsed;
  while (!bytes.empty()) {
    kept.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    std::string_view in = kept;
    parsed.progress = parser.read(in);
    kept.erase(0, kept.size() - in.size());
    if (parsed.progress == Progress::Done || parsed.progress == Progress::Refused) break;
  }
  parsed.refusal = parser.refusal();
  parsed.keeps_alive = parser.keeps_alive();
  if (parsed.progress == Progress::Done) parsed.request = parser.take();
  parsed.left = kept.append(bytes);
  return parsed;
}

std::string with_fields(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

constexpr std::string_view kPost =
    "POST /v1/x%20y?a=b&c HTTP/1.1\r\nHOST: example:80\r\nX-Two: \t 1 2 \t\r\nx-two:\r\n"
    "Content-Length: 5\r\n\r\nhelloGET";

TEST(RequestParser, ReadsTheSameFromPiecesOfAnySize) {
  for (std::size_t piece = 1; piece <= kPost.size(); ++piece) {
    const Parsed parsed = parse(kPost, piece);
    ASSERT_EQ(parsed.progress, Progress::Done) << piece;
    EXPECT_EQ(parsed.request.method, HttpMethod::Post);
    EXPECT_EQ(parsed.request.target, "/v1/x%20y?a=b&c");
    EXPECT_EQ(parsed.request.path, "/v1/x%20y");
    EXPECT_EQ(parsed.request.query, "a=b&c");
    EXPECT_EQ(parsed.request.body, "hello");
    EXPECT_EQ(parsed.request.header("host"), "example:80");
    EXPECT_EQ(parsed.request.header("x-two"), "1 2");
    EXPECT_EQ(parsed.request.headers.size(), 4u);
    EXPECT_TRUE(parsed.keeps_alive);
    EXPECT_EQ(parsed.left, "GET");
  }
}

TEST(RequestParser, PutsTheChunksOfABodyTogether) {
  constexpr std::string_view kChunked =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5;name=\"v\"\r\nhello\r\n00B\r\n, wide worl\r\n1\r\nd\r\n0\r\nTrailer: 1\r\n\r\nnext";
  for (std::size_t piece = 1; piece <= kChunked.size(); ++piece) {
    const Parsed parsed = parse(kChunked, piece);
    ASSERT_EQ(parsed.progress, Progress::Done) << piece;
    EXPECT_EQ(parsed.request.body, "hello, wide world");
    EXPECT_EQ(parsed.left, "next");
  }
}

TEST(RequestParser, KeepsAliveAsTheVersionAndTheConnectionFieldSay) {
  EXPECT_TRUE(parse(with_fields("")).keeps_alive);
  EXPECT_FALSE(parse(with_fields("Connection: foo, Close\r\n")).keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keeps_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keeps_alive);
}

TEST(RequestParser, TakesTheTargetsThatProxiesSend) {
  const Parsed absolute = parse("GET http://a.example:80/p?q HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(absolute.request.path, "/p");
  EXPECT_EQ(absolute.request.query, "q");
  const Parsed bare = parse("GET HTTP://a?q HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(bare.request.path, "/");
  EXPECT_EQ(bare.request.query, "q");
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request.path, "*");
}

TEST(RequestParser, SkipsEmptyLinesBeforeARequest) {
  EXPECT_EQ(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 1).progress, Progress::Done);
}

TEST(RequestParser, RefusesWhatTwoProgramsCouldReadInTwoWays) {
  const std::string requests[] = {
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
      "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\r\nHost: a\r\n\r\n",
      "GET\r\nHost: a\r\n\r\n",
      " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "G{T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
      "GET / http/1.1\r\nHost: a\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00", 5),
      with_fields(" folded: 1\r\n"),
      with_fields("A: 1\r\n 2\r\n"),
      with_fields("A : 1\r\n"),
      with_fields(": 1\r\n"),
      with_fields("A\r\n"),
      with_fields("A: 1\r2\r\n"),
      with_fields(std::string("A: \0\r\n", 6)),
      with_fields("A\x80: 1\r\n"),
      with_fields("Content-Length: 1\r\nContent-Length: 2\r\n") + "x",
      with_fields("Content-Length: 1\r\nContent-Length: 1\r\n") + "x",
      with_fields("Content-Length: 1, 1\r\n") + "x",
      with_fields("Content-Length: +1\r\n") + "x",
      with_fields("Content-Length: 0x1\r\n") + "x",
      with_fields("Content-Length: \r\n"),
      with_fields("Content-Length: -1\r\n"),
      with_fields("Content-Length: 99999999999999999999\r\n"),
      with_fields("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n") + "0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
      with_fields("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n",
      with_fields("Transfer-Encoding: identity\r\n"),
      with_fields("Transfer-Encoding: chunked,\r\n") + "0\r\n\r\n",
      "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "g\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "-1\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "1 \r\nx\r\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "1\nx\r\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "1;\nx\r\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "1\r\nxy\r\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "1\r\nx\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "0\r\nA: 1\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "000000001\r\nx\r\n0\r\n\r\n",
      with_fields("Transfer-Encoding: chunked\r\n") + "1;" + std::string(4097, 'x'),
      with_fields("Transfer-Encoding: chunked\r\n") + "0\r\nA:" + std::string(4097, 'x'),
  };
  for (const std::string& request : requests) {
    for (const std::size_t piece : {std::size_t{1}, request.size()}) {
      const Parsed parsed = parse(request, piece);
      EXPECT_EQ(parsed.progress, Progress::Refused) << request;
      EXPECT_EQ(parsed.refusal.code, ErrorCode::InvalidRequest) << request;
      EXPECT_FALSE(parsed.keeps_alive);
    }
  }
}

ErrorCode refusal_of(std::string_view request, std::size_t piece) {
  const Parsed parsed = parse(request, piece);
  EXPECT_EQ(parsed.progress, Progress::Refused);
  return parsed.refusal.code;
}

TEST(RequestParser, HoldsEachLimitAtItsEdge) {
  const HttpLimits limits;
  const std::string around = with_fields("A: \r\n");
  const std::string longest(limits.header_bytes_max - around.size(), 'x');
  std::string most = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 1; i < limits.header_fields_max; ++i) most += "A: 1\r\n";
  const auto with_body = [](std::size_t size) {
    return with_fields("Content-Length: " + std::to_string(size) + "\r\n") + std::string(size, 'x');
  };
  const auto in_chunks = [](std::size_t size) {
    return with_fields("Transfer-Encoding: chunked\r\n") + "1\r\nx\r\n3fFfF\r\n" +
           std::string(size - 1, 'x') + "\r\n0\r\n\r\n";
  };
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}, std::size_t{1'000'000}}) {
    EXPECT_EQ(parse(with_fields("A: " + longest + "\r\n"), piece).progress, Progress::Done);
    EXPECT_EQ(refusal_of(with_fields("A: " + longest + "x\r\n"), piece),
              ErrorCode::HeadersTooLarge);
    EXPECT_EQ(refusal_of(std::string(limits.header_bytes_max, 'x'), piece),
              ErrorCode::HeadersTooLarge);

    EXPECT_EQ(parse(most + "\r\n", piece).progress, Progress::Done);
    EXPECT_EQ(refusal_of(most + "A: 1\r\n\r\n", piece), ErrorCode::HeadersTooLarge);

    EXPECT_EQ(parse(with_body(limits.body_bytes_max), piece).progress, Progress::Done);
    EXPECT_EQ(refusal_of(with_body(limits.body_bytes_max + 1), piece), ErrorCode::TooLarge);

    EXPECT_EQ(parse(in_chunks(limits.body_bytes_max), piece).request.body.size(),
              limits.body_bytes_max);
    const std::string too_big =
        with_fields("Transfer-Encoding: chunked\r\n") + "1\r\nx\r\n40000\r\n";
    EXPECT_EQ(refusal_of(too_big + "x", piece), ErrorCode::TooLarge);
  }
}

TEST(RequestParser, RefusesATooLongBodyBeforeItComes) {
  EXPECT_EQ(refusal_of(with_fields("Content-Length: 262145\r\n"), 1'000), ErrorCode::TooLarge);
}

TEST(RequestParser, ReadsOneRequestAfterAnother) {
  const std::string bytes =
      std::string(kPost.substr(0, kPost.size() - 3)) + with_fields("A: 1\r\n");
  RequestParser parser{HttpLimits()};
  std::string_view in = bytes;
  ASSERT_EQ(parser.read(in), Progress::Done);
  EXPECT_EQ(parser.take().body, "hello");
  ASSERT_EQ(parser.read(in), Progress::Done);
  const HttpRequest second = parser.take();
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(second.query, "");
  EXPECT_EQ(second.headers.size(), 2u);
  EXPECT_TRUE(in.empty());
}

}  // namespace
}  // namespace tidings
