#include "adapters/sodium/ed25519.h"

#include <sodium.h>

#include "base/bytes.h"
#include "base/ensure.h"

namespace tidings {
namespace {

unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

Ed25519Key ed25519_key(std::string_view seed) {
  ensure(seed.size() == crypto_sign_SEEDBYTES, "an Ed25519 seed has 32 bytes");
  Ed25519Key key{std::string(crypto_sign_SECRETKEYBYTES, '\0'),
                 std::string(crypto_sign_PUBLICKEYBYTES, '\0')};
  crypto_sign_seed_keypair(raw(key.public_key), raw(key.secret), as_bytes_of(seed).data());
  return key;
}

std::string ed25519_sign(const Ed25519Key& key, std::string_view text) {
  std::string signature(kEd25519SignatureBytes, '\0');
  crypto_sign_detached(raw(signature), nullptr, as_bytes_of(text).data(), text.size(),
                       as_bytes_of(key.secret).data());
  return signature;
}

bool ed25519_verify(const Ed25519Key& key, std::string_view text, std::string_view signature) {
  return signature.size() == kEd25519SignatureBytes &&
         crypto_sign_verify_detached(as_bytes_of(signature).data(), as_bytes_of(text).data(),
                                     text.size(), as_bytes_of(key.public_key).data()) == 0;
}

}  // namespace tidings
