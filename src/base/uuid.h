#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidings {

// 16 bytes in network order; compares as those bytes do, which for UUIDv7 is by time first.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;

  int version() const { return bytes[6] >> 4; }
  // The 48-bit millisecond time of a UUIDv7; meaningless for other versions.
  Time time() const;

  // Lower-case, with dashes: 36 characters.
  std::string to_string() const;
  void append_to(std::string& out) const;
  // Either case; exactly 36 characters with dashes at their places.
  static std::optional<Uuid> parse(std::string_view text);
  // From 16 raw bytes.
  static Uuid from_bytes(std::span<const std::uint8_t, 16> bytes);

  // RFC 9562: random bits come from the operating system's generator.
  static Uuid v4();
  static Uuid v7(Time time);
  // The smallest UUIDv7 bit pattern of that millisecond: a bound for ranges, with version and
  // variant zero.
  static Uuid v7_floor(Time time);
  static Uuid v5(const Uuid& space, std::string_view name);
};

}  // namespace tidings

template <>
struct std::hash<tidings::Uuid> {
  std::size_t operator()(const tidings::Uuid& id) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return (high ^ (low * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL >> 8 ^ low;
  }
};
