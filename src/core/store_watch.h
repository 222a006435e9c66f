#pragma once

#include <atomic>

#include "base/clock.h"
#include "base/task.h"
#include "ports/user_store.h"

namespace tidings {

// Knows whether the store answers, so that nobody who asks has to wait for it.
//
// A worker is no better than its store, and all workers have the same one: a store that is slow for
// a moment is no reason to take them all out of service at once, one that is silent for
// `kSilenceMax` is.
//
// Safe from any thread.
class StoreWatch {
 public:
  static constexpr milliseconds kSilenceMax = seconds(3);

  // Until the first look it trusts the store.
  StoreWatch(UserStore& users, const Clock& clock);

  // Asks; called twice a second.
  Task<void> look();

  bool answers() const { return clock_.monotonic() - answered_at_.load() < kSilenceMax; }

 private:
  UserStore& users_;
  const Clock& clock_;
  std::atomic<Instant> answered_at_;
};

}  // namespace tidings
