#include "net/request_parser.h"

#include <algorithm>

namespace tidings {
namespace {

constexpr std::size_t kMethodBytesMax = 32;
// Room that is taken on the word of a Content-Length alone.
constexpr std::size_t kBodyReserveMax = 64 * 1024;

HttpMethod to_method(std::string_view name) {
  if (name == "GET") return HttpMethod::Get;
  if (name == "PUT") return HttpMethod::Put;
  if (name == "POST") return HttpMethod::Post;
  if (name == "HEAD") return HttpMethod::Head;
  if (name == "PATCH") return HttpMethod::Patch;
  if (name == "DELETE") return HttpMethod::Delete;
  if (name == "OPTIONS") return HttpMethod::Options;
  return HttpMethod::Other;
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

RequestParser::RequestParser(const HttpLimits& limits)
    : body_bytes_max_(limits.body_bytes_max),
      scanner_(limits.header_bytes_max, limits.header_fields_max),
      body_(limits.body_bytes_max) {}

RequestParser::Progress RequestParser::read(std::string_view& in) {
  if (progress_ == Progress::Head) {
    if (scanner_.size() == 0) {
      // Some clients of old send an empty line after a body.
      while (in.starts_with("\r\n")) in.remove_prefix(2);
      if (in.empty() || in == "\r") return progress_;
      if (!is_token(in.substr(0, 1))) {
        return refuse(ErrorCode::InvalidRequest, "this is not HTTP");
      }
    }
    switch (scanner_.scan(in)) {
      case HeadScanner::Found::Incomplete:
        return progress_;
      case HeadScanner::Found::Malformed:
        return refuse(ErrorCode::InvalidRequest, "each line of the head ends with CR LF");
      case HeadScanner::Found::TooLarge:
        return refuse(ErrorCode::HeadersTooLarge,
                      "send at most " + std::to_string(scanner_.fields_max()) + " headers of " +
                          std::to_string(scanner_.bytes_max()) + " bytes in all");
      case HeadScanner::Found::Complete:
        break;
    }
    if (const auto wrong = parse_head(in.substr(0, scanner_.size())); !wrong.empty()) {
      return refuse(ErrorCode::InvalidRequest, wrong);
    }
    in.remove_prefix(scanner_.size());
    if (start_body() == Progress::Refused) return progress_;
  }
  if (progress_ != Progress::Body) return progress_;
  switch (body_.read(in, request_.body)) {
    case BodyReader::Progress::More:
      return progress_;
    case BodyReader::Progress::Done:
      return progress_ = Progress::Done;
    case BodyReader::Progress::Malformed:
      return refuse(ErrorCode::InvalidRequest, "the chunks of the body are malformed");
    case BodyReader::Progress::TooLarge:
      break;
  }
  return refuse_body();
}

RequestParser::Progress RequestParser::refuse_body() {
  return refuse(ErrorCode::TooLarge,
                "send a body of at most " + std::to_string(body_bytes_max_) + " bytes");
}

RequestParser::Progress RequestParser::refuse(ErrorCode code, std::string_view detail) {
  refusal_ = Error{code, std::string(detail), {}, {}};
  keeps_alive_ = false;
  return progress_ = Progress::Refused;
}

std::string_view RequestParser::parse_head(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  facts_ = {};
  if (const auto wrong = parse_request_line(head.substr(0, line_end)); !wrong.empty()) return wrong;

  head.remove_prefix(line_end + 2);
  head.remove_suffix(2);
  request_.headers.reserve(scanner_.fields());
  if (const auto wrong = parse_fields(head, request_.headers, facts_); !wrong.empty()) return wrong;
  if (facts_.hosts > 1) return "Host comes twice";
  if (facts_.hosts == 0 && !is_http_1_0_) return "Host is missing";
  if (facts_.chunked && is_http_1_0_) return "HTTP/1.0 knows no Transfer-Encoding";
  keeps_alive_ = is_http_1_0_ ? facts_.keep_alive && !facts_.close : !facts_.close;
  return {};
}

// METHOD SP TARGET SP HTTP/1.x
std::string_view RequestParser::parse_request_line(std::string_view line) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) {
    return "the request line is malformed";
  }
  const std::string_view method = line.substr(0, method_end);
  const std::string_view version = line.substr(target_end + 1);
  if (!is_token(method) || method.size() > kMethodBytesMax) return "the method is malformed";
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return "speak HTTP/1.1 or HTTP/1.0";
  is_http_1_0_ = version == "HTTP/1.0";
  request_.method = to_method(method);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  return parse_target(target) ? "" : "the request target is malformed";
}

// "/path?query", "http://host/path?query" as proxies get it, or "*".
bool RequestParser::parse_target(std::string_view target) {
  if (target.empty() || !is_visible_ascii(target)) return false;
  request_.target = target;
  if (target == "*" && request_.method == HttpMethod::Options) {
    request_.path = target;
    return true;
  }
  if (target.front() != '/') {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return false;
    if (!equals_ignoring_case(target.substr(0, scheme), "http") &&
        !equals_ignoring_case(target.substr(0, scheme), "https")) {
      return false;
    }
    target.remove_prefix(scheme + 3);
    const std::size_t authority = std::min(target.find_first_of("/?"), target.size());
    if (authority == 0) return false;
    target.remove_prefix(authority);
  }
  const std::size_t mark = target.find('?');
  request_.path = target.substr(0, mark);
  if (request_.path.empty()) request_.path = "/";
  if (mark != std::string_view::npos) request_.query = target.substr(mark + 1);
  return true;
}

RequestParser::Progress RequestParser::start_body() {
  if (facts_.chunked) {
    body_.start_chunked();
    return progress_ = Progress::Body;
  }
  const std::uint64_t length = facts_.content_length.value_or(0);
  if (length > body_bytes_max_) return refuse_body();
  if (length > 0) {
    request_.body.reserve(std::min<std::size_t>(static_cast<std::size_t>(length), kBodyReserveMax));
  }
  body_.start_with_length(length);
  return progress_ = Progress::Body;
}

HttpRequest RequestParser::take() {
  HttpRequest taken = std::move(request_);
  request_ = HttpRequest();
  scanner_.reset();
  progress_ = Progress::Head;
  return taken;
}

}  // namespace tidings
