#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"

namespace tidings {

// What a user asks to be shown as; Auto follows presence.
enum class ManualStatus : std::uint8_t { Auto = 1, Online, Away, Busy, Invisible };
std::string_view name_of(ManualStatus value);
std::optional<ManualStatus> manual_status_of(std::string_view name);

// A person or a service.
struct User {
  UserId id;
  std::string name;  // bare, unique for ever
  std::string display_name;
  bool service = false;
  bool disabled = false;       // by an admin: cannot sign in, tokens refused
  bool admin = false;          // may use the operator's page: set on the server's machine only
  bool accepts_direct = true;  // "everyone" or "nobody"
  std::string metadata;        // a compact JSON object with sorted keys, or empty for none
  std::string password_hash;   // argon2id, in libsodium's text form; empty for services
  ManualStatus status = ManualStatus::Auto;
  std::string status_text;
  Time created_at;
  Time last_seen;
  std::optional<Time> ended_at;  // the account has ended; the name stays taken
  bool erased = false;           // has ended, and the bodies of its messages are gone too
  std::uint64_t version = 0;     // grows with each change: what compare-and-set compares

  bool operator==(const User&) const = default;
};

// One signed-in device. Refresh tokens are stored as SHA-256 of the token.
struct Session {
  SessionId id;
  UserId user;
  std::string device;
  Time created_at;
  Time last_seen;
  std::string refresh_hash;  // of the token that is good now
  std::string
      previous_refresh_hash;  // good until `previous_until` and until its successor was used
  Time previous_until;
  // 16 random bytes. With a refresh token they give the token that follows it, so that somebody
  // whose answer was lost is given the same one again.
  std::string refresh_salt;
  std::optional<Time> ended_at;
  std::uint64_t version = 0;  // grows with each change: what compare-and-set compares

  bool operator==(const Session&) const = default;
};

// The key of a service account: `tdg_<key id>_<secret>`. Only the secret's SHA-256 is stored.
struct ServiceKey {
  KeyId id;
  UserId user;
  std::string secret_hash;
  bool may_import = false;       // may store messages older than 30 days
  std::uint32_t send_burst = 0;  // 0: the default of services
  std::uint32_t send_per_seconds = 0;
  Time created_at;
  std::optional<Time> revoked_at;

  bool operator==(const ServiceKey&) const = default;
};

// Who is calling, as proven by a token or a service key.
struct Caller {
  UserId user;
  std::string name;
  bool service = false;
  std::optional<SessionId> session;  // absent for service keys
  std::optional<KeyId> key;
  bool may_import = false;
  bool admin = false;
  std::uint32_t send_burst = 0;  // 0: the default of people or services
  std::uint32_t send_per_seconds = 0;
};

}  // namespace tidings
