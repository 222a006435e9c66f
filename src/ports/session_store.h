#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/user.h"

namespace tidings {

// A session or service key whose tokens no longer count.
struct Revocation {
  Uuid id;  // of the session or the key
  Time at;
  bool operator==(const Revocation&) const = default;
};

// Sessions, service keys and their revocations. Errors of every method: Unavailable.
class SessionStore {
 public:
  virtual ~SessionStore() = default;

  virtual Task<Result<void>> create(Session session) = 0;
  virtual Task<Result<std::optional<Session>>> find(SessionId session) = 0;
  // Stores `session` if the stored version is still `session.version`, and raises the version;
  // false when somebody else was faster, or there is none.
  virtual Task<Result<bool>> compare_and_set(Session session) = 0;
  // The sessions of a user that have not ended, with id > `after`, by id; at most `limit`.
  virtual Task<Result<std::vector<Session>>> list(UserId user, SessionId after,
                                                  std::size_t limit) = 0;
  // Forgets sessions that ended before `time`, which is a week ago or more, at most `limit` of
  // them; returns how many. A store that forgets them by its own clock has nothing to do.
  virtual Task<Result<std::size_t>> forget_ended(Time time, std::size_t limit) = 0;

  virtual Task<Result<void>> put_key(ServiceKey key) = 0;
  virtual Task<Result<std::optional<ServiceKey>>> find_key(KeyId key) = 0;
  virtual Task<Result<std::vector<ServiceKey>>> keys_of(UserId user) = 0;

  virtual Task<Result<void>> revoke(Revocation revocation) = 0;
  // Those at or after `since`, in any order. Kept for 20 minutes: longer than an access token
  // lives.
  virtual Task<Result<std::vector<Revocation>>> revoked_since(Time since) = 0;
};

}  // namespace tidings
