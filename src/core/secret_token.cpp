#include "core/secret_token.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace tidings {
namespace {

constexpr std::size_t kIdCharacters = 32;
constexpr std::size_t kSecretCharacters = 43;

}  // namespace

std::string make_secret_token(std::string_view prefix, const Uuid& id, std::string_view secret) {
  return std::string(prefix) + to_hex(id.bytes) + '_' + to_base64url(secret);
}

std::optional<Uuid> id_of_secret_token(std::string_view prefix, std::string_view token) {
  if (token.size() != prefix.size() + kIdCharacters + 1 + kSecretCharacters) return std::nullopt;
  if (!token.starts_with(prefix)) return std::nullopt;
  token.remove_prefix(prefix.size());
  if (token[kIdCharacters] != '_') return std::nullopt;
  if (!from_base64url(token.substr(kIdCharacters + 1))) return std::nullopt;
  const auto id = from_hex(token.substr(0, kIdCharacters));
  if (!id) return std::nullopt;
  return Uuid::from_bytes(as_bytes_of(*id).first<16>());
}

std::string secret_of_secret_token(std::string_view token) {
  token.remove_prefix(token.size() - kSecretCharacters);
  return *from_base64url(token);
}

std::string hash_of_secret_token(std::string_view token) {
  const Sha256 digest = sha256(token);
  return std::string(as_text(digest));
}

}  // namespace tidings
