#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "ports/read_mark_store.h"

namespace tidings {

// Read marks in memory, for tests and for trying things out.
class MemoryReadMarkStore : public ReadMarkStore {
 public:
  Task<Result<void>> put(UserId user, Cursor mark) override;
  Task<Result<std::vector<std::optional<Cursor>>>> get(UserId user,
                                                       std::vector<GroupId> groups) override;

 private:
  std::mutex mutex_;
  std::map<std::pair<UserId, GroupId>, Cursor> marks_;
};

}  // namespace tidings
