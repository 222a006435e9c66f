#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/user.h"

namespace tidings {

// Accounts, their names and whom they block. Errors of every method: Unavailable.
class UserStore {
 public:
  virtual ~UserStore() = default;

  // Stores a user under a name that nobody has. Returns the user who has it already, if somebody
  // does: then nothing was written. Of two that race for a name one wins.
  virtual Task<Result<std::optional<User>>> create(User user) = 0;
  // Stores `user` if the stored version is still `user.version`, and raises the version by one;
  // false when somebody else was faster, or there is none. Name and id never change, and last_seen
  // is left as it is stored: being seen is no change that another one has to wait for.
  virtual Task<Result<bool>> compare_and_set(User user) = 0;
  // Moves last_seen forward; touches nothing else.
  virtual Task<Result<void>> seen(UserId user, Time at) = 0;
  virtual Task<Result<std::optional<User>>> find(UserId user) = 0;
  virtual Task<Result<std::optional<User>>> find_by_name(std::string name) = 0;
  // Accounts in the order of their names, after `after`; at most `limit`. For administration.
  virtual Task<Result<std::vector<User>>> list(std::string after, std::size_t limit) = 0;
  // Accounts that have ended and are not erased yet, with id > `after`, by id; at most `limit`, and
  // none only when there are no more. A store for many keeps them apart: whoever calls this at each
  // start must not pay for everybody.
  virtual Task<Result<std::vector<User>>> list_ended(UserId after, std::size_t limit) = 0;

  virtual Task<Result<void>> put_block(UserId blocker, UserId blocked, bool is_blocked) = 0;
  virtual Task<Result<bool>> is_blocked(UserId blocker, UserId blocked) = 0;
  // Whom somebody blocks, with id > `after`, by id; at most `limit`, and none only when there are
  // no more. For administration.
  virtual Task<Result<std::vector<UserId>>> blocked_by(UserId blocker, UserId after,
                                                       std::size_t limit) = 0;
};

}  // namespace tidings
