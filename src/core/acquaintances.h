#pragma once

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

  // True for oneself, too. Looks at no more than 10,000 groups of each. Errors: Unavailable
  Task<Result<bool>> share_a_group(UserId one, UserId other);

 private:
  GroupStore& groups_;
  Directory& directory_;
};

}  // namespace tidings
