#include "adapters/memory/memory_read_mark_store.h"

#include "model/read_mark.h"

namespace tidings {

Task<Result<void>> MemoryReadMarkStore::put(UserId user, Cursor mark) {
  const std::scoped_lock lock(mutex_);
  const auto [at, is_new] = marks_.try_emplace({user, mark.group}, mark);
  if (!is_new && is_further(mark, at->second)) at->second = std::move(mark);
  co_return {};
}

Task<Result<std::vector<std::optional<Cursor>>>> MemoryReadMarkStore::get(
    UserId user, std::vector<GroupId> groups) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::optional<Cursor>> found;
  for (const GroupId group : groups) {
    const auto mark = marks_.find({user, group});
    found.push_back(mark == marks_.end() ? std::nullopt : std::optional(mark->second));
  }
  co_return found;
}

}  // namespace tidings
