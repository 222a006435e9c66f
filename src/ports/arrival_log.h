#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/message.h"

namespace tidings {

// Exact arrival order, which only a store with one writer can give. Where there is one, sync
// follows it; where there is none, sync reads rounds behind a watermark.
//
// Positions rise within a group and are never reused; they need not be dense.
class ArrivalLog {
 public:
  struct Entry {
    std::uint64_t position;
    Message message;
  };

  virtual ~ArrivalLog() = default;

  // At most `limit` entries with position > `after`, ascending. A row that arrived again late
  // stands here again. Errors: Unavailable
  virtual Task<Result<std::vector<Entry>>> read_after(GroupId group, std::uint64_t after,
                                                      std::size_t limit) = 0;

  // The newest position of the group; 0 when it is empty. Everything that was acknowledged before
  // the call is at or before it.
  virtual Task<Result<std::uint64_t>> newest(GroupId group) = 0;
};

}  // namespace tidings
