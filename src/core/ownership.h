#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/group_changes.h"
#include "model/group.h"
#include "ports/group_store.h"

namespace tidings {

// Sees to it that a group has an owner as long as anybody is in it: its earliest moderator, else
// its earliest member, else its earliest reader. Reads all members: for rare occasions. Safe from
// any thread.
class Ownership {
 public:
  Ownership(GroupStore& groups, GroupChanges& changes, const Clock& clock);

  // Makes somebody an owner unless somebody other than `leaving` is. True if it did.
  // Errors: Unavailable
  Task<Result<bool>> ensure_owner(GroupId group, std::optional<UserId> leaving);

  // Whether somebody other than `user` owns the group. Errors: Unavailable
  Task<Result<bool>> has_other_owner(GroupId group, UserId user);

 private:
  struct Candidates {
    bool has_owner = false;
    std::optional<Member> heir;
  };
  Task<Result<Candidates>> look(GroupId group, std::optional<UserId> without);

  GroupStore& groups_;
  GroupChanges& changes_;
  const Clock& clock_;
};

}  // namespace tidings
