#pragma once

#include <cstdint>
#include <string_view>

#include "net/body_reader.h"
#include "net/http_client.h"
#include "net/http_head.h"

namespace tidings {

// Makes the answer to one request out of the bytes of a connection. For this room's .cpp files.
class ReplyParser {
 public:
  enum class Progress : std::uint8_t { Head, Body, Done, Malformed };  // Head, Body: needs more

  // `is_head`: the request was HEAD, so no body comes whatever the length says.
  ReplyParser(std::size_t body_bytes_max, bool is_head);

  // Takes the bytes that it used from the front of `in`. While a head is incomplete it uses none of
  // it: call again with the same bytes and more behind them. Answers of 1xx are passed over, but
  // for 101, behind which nothing is read.
  Progress read(std::string_view& in);

  // The connection has ended. True when that makes the answer whole.
  bool end();

  HttpReply take() { return std::move(reply_); }
  bool keeps_alive() const { return keeps_alive_; }

 private:
  bool parse_head(std::string_view head);
  void start_body();

  HeadScanner scanner_;
  BodyReader body_;
  HeadFacts facts_;
  HttpReply reply_;
  Progress progress_ = Progress::Head;
  bool is_head_;
  bool is_until_close_ = false;
  bool keeps_alive_ = false;
};

}  // namespace tidings
