#include "net/reply_parser.h"

namespace tidings {
namespace {

constexpr std::size_t kHeadBytesMax = 64 * 1024;
constexpr std::size_t kFieldsMax = 200;
constexpr int kSwitchingProtocols = 101;

}  // namespace

ReplyParser::ReplyParser(std::size_t body_bytes_max, bool is_head)
    : scanner_(kHeadBytesMax, kFieldsMax), body_(body_bytes_max), is_head_(is_head) {}

ReplyParser::Progress ReplyParser::read(std::string_view& in) {
  while (progress_ == Progress::Head) {
    const auto found = scanner_.scan(in);
    if (found == HeadScanner::Found::Incomplete) return progress_;
    const bool is_complete = found == HeadScanner::Found::Complete;
    if (!is_complete || !parse_head(in.substr(0, scanner_.size()))) {
      return progress_ = Progress::Malformed;
    }
    in.remove_prefix(scanner_.size());
    scanner_.reset();
    if (reply_.status >= 200 || reply_.status == kSwitchingProtocols) start_body();
  }
  if (progress_ != Progress::Body) return progress_;
  switch (body_.read(in, reply_.body)) {
    case BodyReader::Progress::More:
      return progress_;
    case BodyReader::Progress::Done:
      return progress_ = Progress::Done;
    case BodyReader::Progress::Malformed:
    case BodyReader::Progress::TooLarge:
      break;
  }
  return progress_ = Progress::Malformed;
}

bool ReplyParser::end() {
  if (progress_ == Progress::Body && is_until_close_) progress_ = Progress::Done;
  return progress_ == Progress::Done;
}

// HTTP/1.x SP STATUS [SP REASON] CRLF, then the fields.
bool ReplyParser::parse_head(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  const bool is_http_1_1 = line.starts_with("HTTP/1.1 ");
  if (!is_http_1_1 && !line.starts_with("HTTP/1.0 ")) return false;
  if (line.size() < 12 || (line.size() > 12 && line[12] != ' ')) return false;
  reply_ = HttpReply();
  facts_ = {};
  for (const char digit : line.substr(9, 3)) {
    if (digit < '0' || digit > '9') return false;
    reply_.status = reply_.status * 10 + (digit - '0');
  }
  head.remove_prefix(line_end + 2);
  head.remove_suffix(2);
  if (!parse_fields(head, reply_.headers, facts_).empty()) return false;
  keeps_alive_ = is_http_1_1 ? !facts_.close : facts_.keep_alive;
  return reply_.status >= 100;
}

void ReplyParser::start_body() {
  progress_ = Progress::Body;
  const int status = reply_.status;
  if (is_head_ || status == kSwitchingProtocols || status == 204 || status == 304) {
    body_.start_with_length(0);
  } else if (facts_.chunked) {
    body_.start_chunked();
  } else if (facts_.content_length) {
    body_.start_with_length(*facts_.content_length);
  } else {
    is_until_close_ = true;
    keeps_alive_ = false;
    body_.start_until_close();
  }
}

}  // namespace tidings
