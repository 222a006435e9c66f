#pragma once

#include <memory>

#include "adapters/cassandra/revocation_table.h"
#include "adapters/cassandra/timed_session.h"
#include "adapters/cassandra/write_stamp.h"
#include "ports/session_store.h"

namespace tidings::cassandra {

// Sessions, service keys and revocations.
//
// A session is set by lightweight transactions on its version; the one that says that it ended also
// gives the row the time that is left of a week to live, so that Cassandra forgets it by itself.
// user_sessions is an index: an entry comes with the session and goes when it has ended; what a
// crash leaves over is removed by whoever lists it. Safe from any thread.
class CassandraSessionStore final : public SessionStore {
 public:
  // The session and the clock outlive it. Blocks. Errors: as TimedSession::prepare
  static Result<std::unique_ptr<CassandraSessionStore>> open(CqlSession& session,
                                                             const Clock& clock);

  Task<Result<void>> create(Session session) override;
  Task<Result<std::optional<Session>>> find(SessionId session) override;
  Task<Result<bool>> compare_and_set(Session session) override;
  Task<Result<std::vector<Session>>> list(UserId user, SessionId after, std::size_t limit) override;
  // Nothing to do: always 0.
  Task<Result<std::size_t>> forget_ended(Time time, std::size_t limit) override;
  Task<Result<void>> put_key(ServiceKey key) override;
  Task<Result<std::optional<ServiceKey>>> find_key(KeyId key) override;
  Task<Result<std::vector<ServiceKey>>> keys_of(UserId user) override;
  Task<Result<void>> revoke(Revocation revocation) override;
  Task<Result<std::vector<Revocation>>> revoked_since(Time since) override;

 private:
  struct Listed {
    SessionId id;
    Time created_at;
  };

  CassandraSessionStore(CqlSession& session, const Clock& clock)
      : session_(session, clock), revocations_(session, clock), stamp_(clock) {}
  Result<void> prepare();
  Task<Result<std::vector<Listed>>> list_index(UserId user, SessionId after, std::size_t limit);
  Task<Result<std::vector<Session>>> find_all(std::vector<Uuid> ids);
  Task<Result<std::vector<ServiceKey>>> find_keys(std::vector<Uuid> ids);
  Task<Result<void>> remove_from_index(UserId user, SessionId session);

  TimedSession session_;
  RevocationTable revocations_;
  WriteStamp stamp_;
  CqlStatement create_;
  CqlStatement set_;
  CqlStatement set_ended_;
  CqlStatement remove_;
  CqlStatement find_;
  CqlStatement find_all_;
  CqlStatement put_in_index_;
  CqlStatement remove_from_index_;
  CqlStatement list_index_;
  CqlStatement put_key_;
  CqlStatement put_key_of_user_;
  CqlStatement find_key_;
  CqlStatement find_keys_;
  CqlStatement list_keys_;
};

}  // namespace tidings::cassandra
