#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidings {

using Sha256 = std::array<std::uint8_t, 32>;
using Sha1 = std::array<std::uint8_t, 20>;

// SHA-256 of the two parts one after the other. Safe from any thread.
Sha256 sha256(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second = {});
Sha256 sha256(std::string_view text);

// SHA-1, for UUIDv5 only: it proves nothing about who made the bytes.
Sha1 sha1(std::span<const std::uint8_t> first, std::string_view second);

}  // namespace tidings
