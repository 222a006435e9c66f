#pragma once

#include <mutex>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/store_clocks.h"

namespace tidings {

// Decides whether this worker's clock may stamp messages. Completeness of sync rests on it: a
// worker whose clock is out accepts no message and is not ready.
//
// It is out when the wall clock steps against the monotonic one by more than 0.25 s, or differs
// from the median of the store's nodes by more than 0.5 s, until it agrees with them.
//
// Alone, over a store in this process, no other clock is there to agree with, and rounds behind a
// watermark are not read. A step forwards is then nothing (a laptop wakes): stamps go on growing.
// After one backwards it is out until it has run evenly for 10 s, so that a small one never lets a
// message arrive before what was there.
//
// Safe from any thread.
class ClockGuard {
 public:
  // `store_clocks` may be null: the store is in this process.
  ClockGuard(const Clock& clock, StoreClocks* store_clocks);

  // Compares; called each second. Until the first call it trusts the clock.
  Task<void> check();

  // May messages be stamped now? Notices a step by itself, between two checks too.
  bool in() const;

 private:
  // How far the wall clock is ahead of the monotonic one.
  milliseconds offset() const;
  // Takes note of a step since the last look. Needs the lock.
  void look() const;
  // Where the store's clocks are: ahead of ours by this much. Errors: Unavailable
  Task<Result<milliseconds>> difference_to_store() const;

  const Clock& clock_;
  StoreClocks* const store_clocks_;

  mutable std::mutex mutex_;
  mutable milliseconds last_offset_;
  mutable bool stepped_ = false;
  mutable Instant stepped_at_;
  bool agrees_ = true;  // with the store's clocks
  Instant compared_at_;
};

// What is answered while it is out: come back.
std::unexpected<Error> clock_is_out();

}  // namespace tidings
