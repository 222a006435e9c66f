#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tidings {

// Appends values to a string of bytes. Integers are big-endian, so that keys sort as their numbers
// do.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void varint(std::uint64_t value);  // LEB128, 1 to 10 bytes
  void time(Time value) { u64(static_cast<std::uint64_t>(to_ms(value))); }
  void uuid(const Uuid& value);
  void raw(std::string_view value) { out_.append(value); }
  void text(std::string_view value);  // varint length, then the bytes

 private:
  std::string& out_;
};

// Reads what ByteWriter wrote, from bytes that may be hostile: after the first value that does not
// fit, `ok()` is false and every further value is zero or empty. Check once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  Time time() { return from_ms(static_cast<std::int64_t>(u64())); }
  Uuid uuid();
  std::string_view raw(std::size_t size);
  std::string_view text();

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::string> from_hex(std::string_view text);

// Base64 of RFC 4648: the standard alphabet is padded, the URL-safe one is not. Decoding is strict.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::uint8_t> as_bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The number of code points; nothing when the bytes are not UTF-8 (RFC 3629: no surrogates, no
// overlong forms).
std::optional<std::size_t> utf8_length(std::string_view text);

}  // namespace tidings
