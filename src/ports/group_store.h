#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/group.h"

namespace tidings {

// Groups and who is in them. Errors of every method: Unavailable.
class GroupStore {
 public:
  virtual ~GroupStore() = default;

  // Stores a group unless its id is taken; returns the group that was there before, unchanged, if
  // one was.
  virtual Task<Result<std::optional<Group>>> create(Group group) = 0;
  // Stores `group` if the stored version is still `group.version`, and raises the version by one;
  // false when somebody else was faster, or there is none.
  virtual Task<Result<bool>> compare_and_set(Group group) = 0;
  virtual Task<Result<std::optional<Group>>> find(GroupId group) = 0;

  // Stores who somebody is in a group, in the group and in the index of the user, if the version
  // stored in the group is still `member.version` (0: nothing is stored), and raises the version;
  // false when somebody else was faster. Role::None removes.
  virtual Task<Result<bool>> compare_and_set_member(GroupId group, Member member) = 0;
  // Somebody who is or was a member (then with Role::None); nothing when they never were.
  virtual Task<Result<std::optional<Member>>> find_member(GroupId group, UserId user) = 0;
  // Those who are in it or changed their place, so perhaps left, at `changed_since` or later; with
  // user > `after`, by user id; at most `limit`.
  virtual Task<Result<std::vector<Member>>> members(GroupId group, UserId after, std::size_t limit,
                                                    Time changed_since) = 0;
  // How many are in it.
  virtual Task<Result<std::size_t>> count_members(GroupId group) = 0;

  // The groups that somebody is or was in, with group > `after`, by group id; at most `limit`.
  virtual Task<Result<std::vector<Membership>>> groups_of(UserId user, GroupId after,
                                                          std::size_t limit) = 0;
};

}  // namespace tidings
