#include "base/uuid.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace tidings {
namespace {

// The two hex digits of each byte.
constexpr auto kHexPairs = [] {
  constexpr char kHex[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
    pairs[byte] = {kHex[byte >> 4], kHex[byte & 15]};
  }
  return pairs;
}();

// Where those of each byte stand in the text.
constexpr std::array<std::uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                                  19, 21, 24, 26, 28, 30, 32, 34};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void set_version(Uuid& id, int version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
}

void set_time(Uuid& id, Time time) {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(time)));
  for (int i = 0; i < 6; ++i) {
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
}

}  // namespace

Time Uuid::time() const {
  std::int64_t ms = 0;
  for (int i = 0; i < 6; ++i) {
    ms = ms << 8 | bytes[static_cast<std::size_t>(i)];
  }
  return from_ms(ms);
}

void Uuid::append_to(std::string& out) const {
  char text[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  for (std::size_t i = 0; i < 16; ++i)
    std::memcpy(text + kPlaces[i], kHexPairs[bytes[i]].data(), 2);
  out.append(text, sizeof text - 1);
}

std::string Uuid::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      if (text[at++] != '-') return std::nullopt;
    }
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return id;
}

Uuid Uuid::from_bytes(std::span<const std::uint8_t, 16> bytes) {
  Uuid id;
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

Uuid Uuid::v4() {
  Uuid id;
  randombytes_buf(id.bytes.data(), id.bytes.size());
  set_version(id, 4);
  return id;
}

Uuid Uuid::v7(Time time) {
  Uuid id;
  randombytes_buf(id.bytes.data() + 6, 10);
  set_time(id, time);
  set_version(id, 7);
  return id;
}

Uuid Uuid::v7_floor(Time time) {
  Uuid id;
  set_time(id, time);
  return id;
}

Uuid Uuid::v5(const Uuid& space, std::string_view name) {
  const auto digest = sha1(space.bytes, name);
  Uuid id;
  std::copy_n(digest.begin(), 16, id.bytes.begin());
  set_version(id, 5);
  return id;
}

}  // namespace tidings
