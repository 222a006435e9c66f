#pragma once

#include <string>
#include <string_view>

namespace tidings {

// Ed25519 (RFC 8032) as JWS uses it (RFC 8037).
inline constexpr std::size_t kEd25519SeedBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

// A pair of keys that follows from a seed of 32 secret bytes.
struct Ed25519Key {
  std::string secret;      // 64 bytes, as libsodium holds it
  std::string public_key;  // 32 bytes
};

Ed25519Key ed25519_key(std::string_view seed);
std::string ed25519_sign(const Ed25519Key& key, std::string_view text);
bool ed25519_verify(const Ed25519Key& key, std::string_view text, std::string_view signature);

}  // namespace tidings
