#include "adapters/memory/memory_user_store.h"

#include <algorithm>

namespace tidings {

Task<Result<std::optional<User>>> MemoryUserStore::create(User user) {
  const std::scoped_lock lock(mutex_);
  const auto [name, is_free] = names_.try_emplace(user.name, user.id);
  if (!is_free) co_return users_.at(name->second);
  users_.insert_or_assign(user.id, std::move(user));
  co_return std::optional<User>();
}

Task<Result<bool>> MemoryUserStore::compare_and_set(User user) {
  const std::scoped_lock lock(mutex_);
  const auto found = users_.find(user.id);
  if (found == users_.end() || found->second.version != user.version) co_return false;
  ++user.version;
  user.last_seen = found->second.last_seen;
  found->second = std::move(user);
  co_return true;
}

Task<Result<void>> MemoryUserStore::seen(UserId user, Time at) {
  const std::scoped_lock lock(mutex_);
  const auto found = users_.find(user);
  if (found != users_.end()) found->second.last_seen = std::max(found->second.last_seen, at);
  co_return {};
}

Task<Result<std::optional<User>>> MemoryUserStore::find(UserId user) {
  const std::scoped_lock lock(mutex_);
  const auto found = users_.find(user);
  co_return found == users_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<std::optional<User>>> MemoryUserStore::find_by_name(std::string name) {
  const std::scoped_lock lock(mutex_);
  const auto found = names_.find(name);
  co_return found == names_.end() ? std::nullopt : std::optional(users_.at(found->second));
}

Task<Result<std::vector<User>>> MemoryUserStore::list(std::string after, std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::vector<User> users;
  for (auto at = names_.upper_bound(after); at != names_.end() && users.size() < limit; ++at) {
    users.push_back(users_.at(at->second));
  }
  co_return users;
}

Task<Result<std::vector<User>>> MemoryUserStore::list_ended(UserId after, std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::vector<User> users;
  for (auto at = users_.upper_bound(after); at != users_.end() && users.size() < limit; ++at) {
    if (at->second.ended_at && !at->second.erased) users.push_back(at->second);
  }
  co_return users;
}

Task<Result<void>> MemoryUserStore::put_block(UserId blocker, UserId blocked, bool is_blocked) {
  const std::scoped_lock lock(mutex_);
  if (is_blocked) {
    blocks_.emplace(blocker, blocked);
  } else {
    blocks_.erase({blocker, blocked});
  }
  co_return {};
}

Task<Result<bool>> MemoryUserStore::is_blocked(UserId blocker, UserId blocked) {
  const std::scoped_lock lock(mutex_);
  co_return blocks_.contains({blocker, blocked});
}

Task<Result<std::vector<UserId>>> MemoryUserStore::blocked_by(UserId blocker, UserId after,
                                                              std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::vector<UserId> found;
  for (auto at = blocks_.upper_bound({blocker, after});
       at != blocks_.end() && at->first == blocker && found.size() < limit; ++at) {
    found.push_back(at->second);
  }
  co_return found;
}

}  // namespace tidings
