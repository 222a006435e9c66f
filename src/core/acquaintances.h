#pragma once

#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "ports/group_store.h"

namespace tidings {

// Knows who shares a group with whom: what people may see of each other rests on it. Safe from any
// thread.
class Acquaintances {
 public:
  Acquaintances(GroupStore& groups, Directory& directory)
      : groups_(groups), directory_(directory) {}

  // For each of `others`, in their order, whether they share a group with `one`; oneself does.
  // Looks at no more than 10,000 groups of each. Errors: Unavailable
  Task<Result<std::vector<bool>>> shared(UserId one, std::vector<UserId> others);

 private:
  Task<Result<bool>> talk(UserId one, UserId other);
  Task<Result<bool>> meet(std::vector<GroupId> groups_of_one, UserId other);
  Task<Result<std::vector<GroupId>>> groups_of(UserId user);

  GroupStore& groups_;
  Directory& directory_;
};

}  // namespace tidings
