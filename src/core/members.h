#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/blocks.h"
#include "core/clock_guard.h"
#include "core/directory.h"
#include "core/group_changes.h"
#include "core/list_page.h"
#include "core/ownership.h"
#include "model/group.h"
#include "model/user.h"
#include "ports/group_store.h"

namespace tidings {

// Who is in a group, and who may change that:
//
//   owners       give and take any role
//   moderators   add and remove members and readers
//   everybody    may leave, or take a lower role; nobody raises themselves
//
// The last owner can't leave while others stay, nor step down. The two members of a direct group
// are fixed. To somebody who is not in a private group it does not exist.
//
// While the clock is out, changes are Unavailable: when somebody joined decides what they may see.
// Safe from any thread.
class Members {
 public:
  Members(GroupStore& groups, Directory& directory, Blocks& blocks, Ownership& ownership,
          GroupChanges& changes, const ClockGuard& clock_guard, const Clock& clock);

  // Those who are in a group, by user id. Errors: UnknownGroup, InvalidRequest, InvalidCursor,
  // Unavailable
  Task<Result<ListPage<Member>>> list(Caller caller, GroupId group, ListRequest request);

  // Adds somebody (by bare name) or changes their role. Whoever comes back starts anew.
  //
  // Errors: UnknownGroup, UnknownUser, Forbidden, LastOwner, NotAccepted (adding somebody who
  //         blocked the caller or accepts nobody), Unavailable
  Task<Result<Member>> put(Caller caller, GroupId group, std::string name, Role role);

  // Takes somebody (by bare name) out, oneself included. Doing it again is a success.
  //
  // Errors: UnknownGroup, UnknownUser, Forbidden, LastOwner, Unavailable
  Task<Result<void>> remove(Caller caller, GroupId group, std::string name);

  // Makes the caller a member of a public group; a success for those who are in already.
  // Errors: UnknownGroup, Unavailable
  Task<Result<Member>> join(Caller caller, GroupId group);

 private:
  Task<Result<void>> left_before(Caller caller, GroupId group);
  Task<Result<std::optional<Member>>> try_put(Caller caller, GroupId group,
                                              std::shared_ptr<const User> user, Role role);
  Task<Result<bool>> try_remove(Caller caller, GroupId group, UserId user);
  Member newcomer(UserId user, std::string name, Role role,
                  const std::optional<Member>& before) const;
  // `from` is the role before; Role::None is being outside. Nothing when somebody was faster.
  Task<Result<std::optional<Member>>> store(GroupId group, Member member, Role from);

  GroupStore& groups_;
  Directory& directory_;
  Blocks& blocks_;
  Ownership& ownership_;
  GroupChanges& changes_;
  const ClockGuard& clock_guard_;
  const Clock& clock_;
};

}  // namespace tidings
