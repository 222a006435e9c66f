#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/cursor.h"

namespace tidings {

// Up to where each user has read each group: the cursor of a finished round. Errors of every
// method: Unavailable.
class ReadMarkStore {
 public:
  virtual ~ReadMarkStore() = default;

  // Keeps the one that has read further (`is_further`): a mark never moves back. A store without an
  // arrival log never gives out a position, and may go by watermarks alone.
  virtual Task<Result<void>> put(UserId user, Cursor mark) = 0;
  // In the order of `groups`; nothing where there is no mark.
  virtual Task<Result<std::vector<std::optional<Cursor>>>> get(UserId user,
                                                               std::vector<GroupId> groups) = 0;
};

}  // namespace tidings
