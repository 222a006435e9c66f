#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "net/body_reader.h"
#include "net/http_head.h"
#include "net/http_limits.h"
#include "net/http_message.h"

namespace tidings {

// Makes requests out of the bytes of one connection, in whatever pieces they come.
class RequestParser {
 public:
  enum class Progress : std::uint8_t { Head, Body, Done, Refused };  // Head, Body: needs more

  explicit RequestParser(const HttpLimits& limits);

  // Takes the bytes that it used from the front of `in`. While the head is incomplete it uses none
  // of it: call again with the same bytes and more behind them. After Done, `take()` comes first;
  // after Refused there is no going on, as nobody knows where the next request begins.
  Progress read(std::string_view& in);

  HttpRequest take();

  // Of the request whose head was read last.
  bool keeps_alive() const { return keeps_alive_; }
  bool is_http_1_0() const { return is_http_1_0_; }
  bool wants_upgrade() const { return facts_.upgrade && !is_http_1_0_; }
  bool expects_continue() const { return facts_.expects_continue && !is_http_1_0_; }
  std::size_t body_bytes() const { return request_.body.size(); }

  const Error& refusal() const { return refusal_; }

 private:
  Progress refuse(ErrorCode code, std::string_view detail);
  Progress refuse_body();
  std::string_view parse_head(std::string_view head);
  std::string_view parse_request_line(std::string_view line);
  bool parse_target(std::string_view target);
  Progress start_body();

  std::size_t body_bytes_max_;
  HeadScanner scanner_;
  BodyReader body_;
  HeadFacts facts_;
  HttpRequest request_;
  Error refusal_{ErrorCode::InvalidRequest, {}, {}, {}};
  Progress progress_ = Progress::Head;
  bool keeps_alive_ = false;
  bool is_http_1_0_ = false;
};

}  // namespace tidings
