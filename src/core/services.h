#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/sessions.h"
#include "model/user.h"
#include "ports/session_store.h"
#include "ports/user_store.h"

namespace tidings {

// What a key may do.
struct KeyRules {
  bool may_import = false;       // may store messages older than 30 days
  std::uint32_t send_burst = 0;  // sends per `send_per_seconds`; both 0: the default of services
  std::uint32_t send_per_seconds = 0;
};

struct NewKey {
  User service;
  ServiceKey key;
  std::string token;  // the bearer token, `tdg_…`: shown this once, stored only as a hash
};

struct ListedService {
  User service;
  std::vector<ServiceKey> keys;
};

struct ServicePage {
  std::vector<ListedService> services;
  std::optional<std::string> next;  // where the next page begins; absent: there is none
};

// The accounts of programs, which sign in with keys. For administration. Safe from any thread.
class Services {
 public:
  Services(UserStore& users, SessionStore& keys, Sessions& sessions, const Clock& clock);

  // Makes a key for a service, and the service if there is none of that name: a second call gives
  // it a second key, so that keys can be changed without a pause.
  //
  // Errors: NameTaken (a person's, or an ended service's), InvalidRequest naming `name` or `rate`,
  //         Unavailable
  Task<Result<NewKey>> create(std::string name, KeyRules rules);

  // Services by name, after `after`; at most `limit`. A page takes bounded time however few
  // services there are among the people: it may hold none while there are more. Errors: Unavailable
  Task<Result<ServicePage>> list(std::string after, std::size_t limit);

  // Refuses one key of a service, or all of them, everywhere within 5 s.
  //
  // Errors: UnknownUser (no service of that name, or it has no such key), Unavailable
  Task<Result<void>> revoke(std::string name, std::optional<KeyId> key);

 private:
  Task<Result<User>> find_or_make(std::string name);

  UserStore& users_;
  SessionStore& keys_;
  Sessions& sessions_;
  const Clock& clock_;
};

}  // namespace tidings
