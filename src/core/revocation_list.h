#pragma once

#include <atomic>
#include <shared_mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/uuid.h"

namespace tidings {

// The sessions and service keys that ended so lately that their access tokens may still be about.
// Asking it costs next to nothing while it is empty. Safe from any thread.
class RevocationList {
 public:
  // True if it was not known before.
  bool add(const Uuid& id, Time at) {
    const std::scoped_lock lock(mutex_);
    const bool is_new = revoked_.try_emplace(id, at).second;
    size_.store(revoked_.size(), std::memory_order_release);
    return is_new;
  }

  bool contains(const Uuid& id) const {
    if (size_.load(std::memory_order_acquire) == 0) return false;
    const std::shared_lock lock(mutex_);
    return revoked_.contains(id);
  }

  void forget_before(Time time) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(revoked_, [time](const auto& entry) { return entry.second < time; });
    size_.store(revoked_.size(), std::memory_order_release);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<Uuid, Time> revoked_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace tidings
