#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "model/user.h"
#include "ports/user_store.h"

namespace tidings {

// Whom people do not want to hear from. Safe from any thread.
class Blocks {
 public:
  Blocks(UserStore& users, Directory& directory) : users_(users), directory_(directory) {}

  // Refuses direct messages and invitations of `name` (bare) to the caller, or accepts them again;
  // in force everywhere within 5 s. Doing it again is a success.
  //
  // Errors: UnknownUser; Forbidden (oneself); Unavailable
  Task<Result<void>> put(Caller caller, std::string name);
  Task<Result<void>> remove(Caller caller, std::string name);

  // Whether `to` accepts an invitation of `from`: they did not block them, and accept people who
  // turn to them at all. Everybody accepts their own.
  //
  // Errors: NotAccepted, Unavailable
  Task<Result<void>> check_accepted(UserId from, std::shared_ptr<const User> to);

 private:
  Task<Result<void>> set(Caller caller, std::string name, bool is_blocked);

  UserStore& users_;
  Directory& directory_;
};

}  // namespace tidings
