#pragma once

#include <memory>

#include "adapters/cassandra/names_in_order.h"
#include "adapters/cassandra/timed_session.h"
#include "adapters/cassandra/write_stamp.h"
#include "ports/user_store.h"

namespace tidings::cassandra {

// Accounts, their names and whom they block.
//
// A new account is written in full before its name is claimed by a lightweight transaction: whoever
// has a name has an account, and a crash leaves at most an account that nobody can find. Accounts
// are set by transactions on their version; when they were last seen is a table of its own, read at
// the same time. Those who have ended are also in ended_users until they are erased: an entry comes
// before the change and goes after it, and users decides. Safe from any thread.
class CassandraUserStore final : public UserStore {
 public:
  // The session and the clock outlive it. Blocks. Errors: as TimedSession::prepare
  static Result<std::unique_ptr<CassandraUserStore>> open(CqlSession& session, const Clock& clock);

  Task<Result<std::optional<User>>> create(User user) override;
  Task<Result<bool>> compare_and_set(User user) override;
  Task<Result<void>> seen(UserId user, Time at) override;
  Task<Result<std::optional<User>>> find(UserId user) override;
  Task<Result<std::optional<User>>> find_by_name(std::string name) override;
  Task<Result<std::vector<User>>> list(std::string after, std::size_t limit) override;
  Task<Result<std::vector<User>>> list_ended(UserId after, std::size_t limit) override;
  Task<Result<void>> put_block(UserId blocker, UserId blocked, bool is_blocked) override;
  Task<Result<bool>> is_blocked(UserId blocker, UserId blocked) override;
  Task<Result<std::vector<UserId>>> blocked_by(UserId blocker, UserId after,
                                               std::size_t limit) override;

 private:
  CassandraUserStore(CqlSession& session, const Clock& clock)
      : session_(session, clock), names_(session, clock), stamp_(clock) {}
  Result<void> prepare();
  Task<Result<void>> put_new(User user);
  Task<Result<void>> put_ended(UserId user, std::uint64_t version);
  Task<Result<void>> remove_ended(UserId user, std::uint64_t version);

  TimedSession session_;
  NamesInOrder names_;
  WriteStamp stamp_;
  CqlStatement create_;
  CqlStatement set_;
  CqlStatement find_;
  CqlStatement see_;
  CqlStatement find_seen_;
  CqlStatement claim_name_;
  CqlStatement find_name_;
  CqlStatement put_ended_;
  CqlStatement remove_ended_;
  CqlStatement list_ended_;
  CqlStatement put_block_;
  CqlStatement find_block_;
  CqlStatement list_blocks_;
};

}  // namespace tidings::cassandra
