#include "adapters/memory/memory_session_store.h"

#include <utility>

namespace tidings {
namespace {

constexpr milliseconds kRevocationKept = std::chrono::minutes(20);

}  // namespace

Task<Result<void>> MemorySessionStore::create(Session session) {
  const std::scoped_lock lock(mutex_);
  sessions_.insert_or_assign(session.id, std::move(session));
  co_return {};
}

Task<Result<std::optional<Session>>> MemorySessionStore::find(SessionId session) {
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(session);
  co_return found == sessions_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<bool>> MemorySessionStore::compare_and_set(Session session) {
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(session.id);
  if (found == sessions_.end() || found->second.version != session.version) co_return false;
  ++session.version;
  found->second = std::move(session);
  co_return true;
}

Task<Result<std::vector<Session>>> MemorySessionStore::list(UserId user, SessionId after,
                                                            std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::vector<Session> found;
  for (auto at = sessions_.upper_bound(after); at != sessions_.end() && found.size() < limit;
       ++at) {
    const Session& session = at->second;
    if (session.user == user && !session.ended_at) found.push_back(session);
  }
  co_return found;
}

Task<Result<std::size_t>> MemorySessionStore::forget_ended(Time time, std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::size_t forgotten = 0;
  std::erase_if(sessions_, [&](const auto& entry) {
    const auto& ended_at = entry.second.ended_at;
    const bool forget = forgotten < limit && ended_at && *ended_at < time;
    forgotten += forget ? 1 : 0;
    return forget;
  });
  co_return forgotten;
}

Task<Result<void>> MemorySessionStore::put_key(ServiceKey key) {
  const std::scoped_lock lock(mutex_);
  keys_.insert_or_assign(key.id, std::move(key));
  co_return {};
}

Task<Result<std::optional<ServiceKey>>> MemorySessionStore::find_key(KeyId key) {
  const std::scoped_lock lock(mutex_);
  const auto found = keys_.find(key);
  co_return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<std::vector<ServiceKey>>> MemorySessionStore::keys_of(UserId user) {
  const std::scoped_lock lock(mutex_);
  std::vector<ServiceKey> found;
  for (const auto& [id, key] : keys_) {
    if (key.user == user) found.push_back(key);
  }
  co_return found;
}

Task<Result<void>> MemorySessionStore::revoke(Revocation revocation) {
  const std::scoped_lock lock(mutex_);
  revocations_.emplace(revocation.at, revocation.id);
  const Time newest = revocations_.rbegin()->first;
  revocations_.erase(revocations_.begin(), revocations_.lower_bound(newest - kRevocationKept));
  co_return {};
}

Task<Result<std::vector<Revocation>>> MemorySessionStore::revoked_since(Time since) {
  const std::scoped_lock lock(mutex_);
  std::vector<Revocation> found;
  for (auto at = revocations_.lower_bound(since); at != revocations_.end(); ++at) {
    found.push_back({at->second, at->first});
  }
  co_return found;
}

}  // namespace tidings
