#pragma once

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "model/user.h"
#include "ports/group_store.h"

namespace tidings {

// The groups of two people (or of one with themselves), which nobody makes: they come into being
// at the first message to `@name`.
//
// Safe from any thread.
class DirectGroups {
 public:
  DirectGroups(GroupStore& groups, Directory& directory, const Clock& clock)
      : groups_(groups), directory_(directory), clock_(clock) {}

  // Whether `to` takes direct messages from `from`: they did not block them, and accept them at
  // all. Everybody accepts their own.
  //
  // Errors: NotAccepted, Unavailable
  Task<Result<void>> check_accepted(UserId from, UserId to);

  // Makes the direct group of the two unless it is there. May be repeated: what a crash left half
  // done is completed.
  //
  // Errors: Unavailable
  Task<Result<std::shared_ptr<const Standing>>> make(Caller caller,
                                                     std::shared_ptr<const User> other);

 private:
  Task<Result<void>> put_member_once(GroupId group, UserId user, std::string name, Time now);

  GroupStore& groups_;
  Directory& directory_;
  const Clock& clock_;
};

}  // namespace tidings
