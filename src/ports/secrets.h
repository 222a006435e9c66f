#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "model/user.h"

namespace tidings {

// Hashes passwords, slowly on purpose, away from the calling thread. Bounded: Unavailable when too
// many wait.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  // argon2id in libsodium's text form.
  virtual Task<Result<std::string>> hash(std::string password) = 0;
  // Takes the same time whether `hash` is right, wrong or empty (an unknown name).
  virtual Task<Result<bool>> verify(std::string password, std::string hash) = 0;
};

// What an access token says.
struct AccessClaims {
  UserId user;
  std::string name;
  SessionId session;
  Time expires_at;
  bool operator==(const AccessClaims&) const = default;
};

// Makes and reads access tokens: JWTs signed with EdDSA, with `kid`; two keys are valid at a time.
// Safe from any thread.
class AccessTokens {
 public:
  virtual ~AccessTokens() = default;
  virtual std::string sign(const AccessClaims& claims) const = 0;
  // Errors: Unauthenticated   not a token of ours
  //         TokenExpired      was one until `now`
  virtual Result<AccessClaims> verify(std::string_view token, Time now) const = 0;
};

}  // namespace tidings
