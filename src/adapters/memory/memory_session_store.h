#pragma once

#include <map>
#include <mutex>

#include "ports/session_store.h"

namespace tidings {

// Sessions, service keys and revocations in memory, for tests and for trying things out. Forgets
// a revocation that is 20 minutes older than the newest.
class MemorySessionStore : public SessionStore {
 public:
  Task<Result<void>> create(Session session) override;
  Task<Result<std::optional<Session>>> find(SessionId session) override;
  Task<Result<bool>> compare_and_set(Session session) override;
  Task<Result<std::vector<Session>>> list(UserId user, SessionId after, std::size_t limit) override;
  Task<Result<std::size_t>> forget_ended(Time time, std::size_t limit) override;
  Task<Result<void>> put_key(ServiceKey key) override;
  Task<Result<std::optional<ServiceKey>>> find_key(KeyId key) override;
  Task<Result<std::vector<ServiceKey>>> keys_of(UserId user) override;
  Task<Result<void>> revoke(Revocation revocation) override;
  Task<Result<std::vector<Revocation>>> revoked_since(Time since) override;

 private:
  std::mutex mutex_;
  std::map<SessionId, Session> sessions_;
  std::map<KeyId, ServiceKey> keys_;
  std::multimap<Time, Uuid> revocations_;
};

}  // namespace tidings
