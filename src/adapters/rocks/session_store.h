#pragma once

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/reader.h"
#include "ports/session_store.h"

namespace tidings::rocks {

// Sessions, service keys and revocations. Compare-and-set is decided on the batcher's thread.
class RocksSessionStore final : public SessionStore {
 public:
  RocksSessionStore(Database& database, CommitBatcher& batcher, Reader& reader)
      : database_(database), batcher_(batcher), reader_(reader) {}

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
  Database& database_;
  CommitBatcher& batcher_;
  Reader& reader_;
};

}  // namespace tidings::rocks
