#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/secrets.h"

namespace tidings {

// Access tokens as JWTs:
//
//   base64url({"alg":"EdDSA","kid":"<key>","typ":"JWT"}) '.'
//   base64url({"exp":<seconds>,"name":"<name>","sid":"<session>","sub":"<user>"}) '.'
//   base64url(Ed25519 signature of what stands before)
//
// The header must be one of ours to the byte, so no token can choose its algorithm or its key's
// form. Safe from any thread.
class SodiumAccessTokens final : public AccessTokens {
 public:
  // One or two seeds of 32 secret bytes, the newest first: that one signs, both are believed.
  explicit SodiumAccessTokens(std::vector<std::string> seeds);

  // A new seed, to be kept where only we can read it.
  static std::string make_seed();

  // Signs with `seed` from now on. What the key before it signed is still believed; what an older
  // one signed is not. With several processes: give it to all of them by `accept` first.
  void rotate(std::string seed);
  // Believes what another process signs with `seed` without signing with it: it takes the place of
  // the older key.
  void accept(std::string seed);
  // The seeds in force, the one that signs first: what to keep across a restart.
  std::vector<std::string> seeds() const;

  std::string sign(const AccessClaims& claims) const override;
  Result<AccessClaims> verify(std::string_view token, Time now) const override;

 private:
  struct Key;
  using Keys = std::vector<std::shared_ptr<const Key>>;
  Keys keys() const;

  mutable std::mutex mutex_;
  Keys keys_;  // one or two; the first signs
};

// The payload that `sign` writes, and its reader: nothing unless it is exactly of that form.
std::string write_claims(const AccessClaims& claims);
std::optional<AccessClaims> read_claims(std::string_view payload);

}  // namespace tidings
