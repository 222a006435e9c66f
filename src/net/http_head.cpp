#include "net/http_head.h"

#include <array>
#include <cstring>

namespace tidings {
namespace {

// The lower-case form of each byte that may stand in a token; 0 for those that may not.
constexpr auto kTokenBytes = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = c;
  }
  for (char c = 'A'; c <= 'Z'; ++c) {
    table[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
  }
  return table;
}();

constexpr auto kValueBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    table[c] = c == '\t' || (c >= ' ' && c != 0x7F);
  }
  return table;
}();

char lower(char c) { return kTokenBytes[static_cast<unsigned char>(c)]; }

std::string_view trimmed(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return value;
}

std::optional<std::uint64_t> parse_length(std::string_view value) {
  constexpr std::size_t kDigitsMax = 18;  // fits 64 bits
  if (value.empty() || value.size() > kDigitsMax) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return length;
}

std::string_view note_content_length(std::string_view value, HeadFacts& facts) {
  if (facts.content_length) return "Content-Length comes twice";
  facts.content_length = parse_length(value);
  return facts.content_length ? "" : "Content-Length is not a number";
}

std::string_view note_transfer_encoding(std::string_view value, HeadFacts& facts) {
  if (facts.chunked) return "Transfer-Encoding comes twice";
  if (!equals_ignoring_case(value, "chunked")) return "the only transfer coding here is chunked";
  facts.chunked = true;
  return {};
}

void note_connection(std::string_view value, HeadFacts& facts) {
  for_each_in_list(value, [&facts](std::string_view option) {
    if (equals_ignoring_case(option, "close")) facts.close = true;
    if (equals_ignoring_case(option, "keep-alive")) facts.keep_alive = true;
    if (equals_ignoring_case(option, "upgrade")) facts.upgrade = true;
  });
}

// Takes note of the fields that frame the message; the length of the name tells most others apart.
std::string_view note_field(std::string_view name, std::string_view value, HeadFacts& facts) {
  switch (name.size()) {
    case 4:
      if (name == "host") ++facts.hosts;
      break;
    case 6:
      if (name == "expect" && equals_ignoring_case(value, "100-continue")) {
        facts.expects_continue = true;
      }
      break;
    case 10:
      if (name == "connection") note_connection(value, facts);
      break;
    case 14:
      if (name == "content-length") return note_content_length(value, facts);
      break;
    case 17:
      if (name == "transfer-encoding") return note_transfer_encoding(value, facts);
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

HeadScanner::Found HeadScanner::scan(std::string_view bytes) {
  while (scanned_ < bytes.size()) {
    const void* const found = std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_);
    if (found == nullptr) {
      scanned_ = bytes.size();
      break;
    }
    const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (feed == line_start_ || bytes[feed - 1] != '\r') return Found::Malformed;
    const bool is_empty_line = feed == line_start_ + 1;
    const bool is_start_line = line_start_ == 0;
    scanned_ = line_start_ = feed + 1;
    if (line_start_ > bytes_max_) return Found::TooLarge;
    if (is_empty_line) return is_start_line ? Found::Malformed : Found::Complete;
    if (!is_start_line && ++fields_ > fields_max_) return Found::TooLarge;
  }
  return bytes.size() < bytes_max_ ? Found::Incomplete : Found::TooLarge;
}

std::string_view parse_fields(std::string_view lines, HttpFields& fields, HeadFacts& facts) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    if (end == std::string_view::npos) return "a header line has no end";
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);

    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return "a header line has no name";
    std::string name(colon, '\0');
    for (std::size_t i = 0; i < colon; ++i) {
      name[i] = lower(line[i]);
      if (name[i] == '\0') return "a header name has a byte that may not stand there";
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    for (const char c : value) {
      if (!kValueBytes[static_cast<unsigned char>(c)]) {
        return "a header value has a byte that may not stand there";
      }
    }
    if (const auto wrong = note_field(name, value, facts); !wrong.empty()) return wrong;
    fields.emplace_back(std::move(name), value);
  }
  if (facts.chunked && facts.content_length) {
    return "Content-Length and Transfer-Encoding exclude each other";
  }
  return {};
}

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (lower(c) == '\0') return false;
  }
  return !text.empty();
}

bool equals_ignoring_case(std::string_view left, std::string_view lower_case_right) {
  if (left.size() != lower_case_right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower_case_right[i]) return false;
  }
  return true;
}

}  // namespace tidings
