#pragma once

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/reader.h"
#include "ports/user_store.h"

namespace tidings::rocks {

// Accounts by id and by name, and whom they block. Who gets a name is decided on the batcher's
// thread.
class RocksUserStore final : public UserStore {
 public:
  RocksUserStore(Database& database, CommitBatcher& batcher, Reader& reader)
      : database_(database), batcher_(batcher), reader_(reader) {}

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
  Database& database_;
  CommitBatcher& batcher_;
  Reader& reader_;
};

}  // namespace tidings::rocks
