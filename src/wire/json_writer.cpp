#include "wire/json_writer.h"

#include <charconv>
#include <cstring>

#include "base/bytes.h"

namespace tidings {
namespace {

constexpr bool must_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// Whether any of 8 characters must be escaped.
bool any_must_escape(const char* eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, 8);
  const std::uint64_t quote = bytes ^ (kOnes * '"');
  const std::uint64_t backslash = bytes ^ (kOnes * '\\');
  const std::uint64_t found = ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
                              ((bytes - kOnes * 0x20) & ~bytes);
  return (found & kHigh) != 0;
}

std::size_t plain_run(std::string_view text) {
  std::size_t at = 0;
  while (at + 8 <= text.size() && !any_must_escape(text.data() + at)) at += 8;
  while (at < text.size() && !must_escape(text[at])) ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  static constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kWritten = "\"\\bfnrt";
  if (const auto named = kNamed.find(c); named != std::string_view::npos) {
    out += '\\';
    out += kWritten[named];
    return;
  }
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[c & 15];
}

template <class Number>
void append_number(std::string& out, Number value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t run = plain_run(text);
    out.append(text.substr(0, run));
    if (run == text.size()) break;
    append_escape(out, text[run]);
    text.remove_prefix(run + 1);
  }
  out += '"';
}

JsonWriter& JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view literal) {
  comma();
  out_ += '"';
  out_ += literal;
  out_ += "\":";
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  comma();
  append_json_text(out_, value);
  return *this;
}

JsonWriter& JsonWriter::time(Time value) {
  comma();
  out_ += '"';
  append_time(out_, value);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::uuid(const Uuid& value) {
  comma();
  out_ += '"';
  value.append_to(out_);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::reference(std::string_view name) {
  comma();
  out_ += "\"@";
  out_ += name;
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::base64(std::string_view bytes) {
  comma();
  out_ += '"';
  out_ += to_base64(bytes);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t value) {
  comma();
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
  comma();
  append_number(out_, value);
  return *this;
}

}  // namespace tidings
