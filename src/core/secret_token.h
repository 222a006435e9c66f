#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tidings {

// A secret that says what it opens, so that it is found without a search:
//
//   <prefix> <id, 32 hex digits> '_' <32 secret bytes as base64url, 43 characters>
//
// The prefix ("tdg_", "tdr_") lets people and scanners see what leaked.
inline constexpr std::string_view kServiceKeyPrefix = "tdg_";
inline constexpr std::string_view kRefreshTokenPrefix = "tdr_";

std::string make_secret_token(std::string_view prefix, const Uuid& id, std::string_view secret);

// The id in a token of exactly that form.
std::optional<Uuid> id_of_secret_token(std::string_view prefix, std::string_view token);

// The 32 bytes of a token that has an id.
std::string secret_of_secret_token(std::string_view token);

// What is stored of it: SHA-256, which is enough for 32 random bytes.
std::string hash_of_secret_token(std::string_view token);

}  // namespace tidings
