#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/expiring_cache.h"
#include "core/group_changes.h"
#include "model/group.h"
#include "ports/group_store.h"

namespace tidings {

// Sees to it that a group has an owner as long as anybody is in it: its earliest moderator, else
// its earliest member, else its earliest reader. Direct groups have none. Safe from any thread.
class Ownership {
 public:
  Ownership(GroupStore& groups, Directory& directory, GroupChanges& changes, const Clock& clock);

  // The place of `user` in a group, if it gives at least the rights of `needed`. Before somebody is
  // refused, a group that was left without an owner is given one.
  //
  // Errors: UnknownGroup, Forbidden (also every direct group), Unavailable
  Task<Result<std::shared_ptr<const Standing>>> standing_with(GroupId group, UserId user,
                                                              Role needed);

  // Makes somebody an owner unless somebody other than `leaving` is. True if it did. Reads the
  // members until it finds an owner. Errors: Unavailable
  Task<Result<bool>> ensure_owner(GroupId group, std::optional<UserId> leaving);

  // Whether somebody other than `user` owns the group. Errors: Unavailable
  Task<Result<bool>> has_other_owner(GroupId group, UserId user);

 private:
  struct Candidates {
    bool has_owner = false;
    std::optional<Member> heir;
  };
  Task<Result<Candidates>> look(GroupId group, std::optional<UserId> leaving);

  GroupStore& groups_;
  Directory& directory_;
  GroupChanges& changes_;
  const Clock& clock_;
  // Groups that had an owner lately, so that being refused again and again costs no reads.
  ExpiringCache<GroupId, bool> owned_;
};

}  // namespace tidings
