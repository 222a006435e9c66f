#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "ports/user_store.h"

namespace tidings {

// Accounts in memory, for tests and for trying things out.
class MemoryUserStore : public UserStore {
 public:
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
  std::mutex mutex_;
  std::map<UserId, User> users_;
  std::map<std::string, UserId> names_;
  std::set<std::pair<UserId, UserId>> blocks_;
};

}  // namespace tidings
