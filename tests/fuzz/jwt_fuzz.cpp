// A bearer token from a stranger. Nobody signs by chance, so each input is also read as claims and
// as the payload of a token that is signed properly: what is believed must be what was written.
#include <cstddef>
#include <cstdint>
#include <string>

#include "adapters/sodium/access_tokens.h"
#include "adapters/sodium/ed25519.h"
#include "base/bytes.h"
#include "base/ensure.h"
#include "core/secret_token.h"

using namespace tidings;

namespace {

const Time kNow = from_ms(1'795'000'000'000);
const std::string kSeed(kEd25519SeedBytes, 'k');

const SodiumAccessTokens& tokens() {
  static const SodiumAccessTokens made({kSeed});
  return made;
}

// A token with a header and a key of ours, and a payload that the stranger chose.
std::string sign_payload(std::string_view payload) {
  static const std::string any = tokens().sign({UserId{}, "anna", SessionId{}, kNow});
  const std::string signed_part = any.substr(0, any.find('.') + 1) + to_base64url(payload);
  return signed_part + '.' + to_base64url(ed25519_sign(ed25519_key(kSeed), signed_part));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ensure(!tokens().verify(bytes, kNow).has_value(), "nobody signs by chance");
  static_cast<void>(id_of_secret_token(kServiceKeyPrefix, bytes));
  static_cast<void>(id_of_secret_token(kRefreshTokenPrefix, bytes));

  const auto claims = read_claims(bytes);
  if (claims) {
    const auto again = read_claims(write_claims(*claims));
    ensure(again == claims, "claims survive being written");
  }
  if (size > 300) return 0;
  const auto verified = tokens().verify(sign_payload(bytes), kNow);
  ensure(!verified || *verified == claims, "only claims of our form are believed");
  return 0;
}
