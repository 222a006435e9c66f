#include "base/hash.h"

#include <sodium.h>

#include <boost/uuid/detail/sha1.hpp>

namespace tidings {

Sha256 sha256(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, first.data(), first.size());
  if (!second.empty()) {
    crypto_hash_sha256_update(&state, second.data(), second.size());
  }
  Sha256 digest;
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

Sha256 sha256(std::string_view text) {
  return sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Sha1 sha1(std::span<const std::uint8_t> first, std::string_view second) {
  boost::uuids::detail::sha1 hash;
  hash.process_bytes(first.data(), first.size());
  hash.process_bytes(second.data(), second.size());
  boost::uuids::detail::sha1::digest_type words;  // five 32-bit words, each in host order
  hash.get_digest(words);
  Sha1 digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

}  // namespace tidings
