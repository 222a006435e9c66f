#pragma once

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/task.h"
#include "model/ids.h"
#include "ports/group_queue.h"

namespace tidings {

// Marks changed groups in the queue, so that their members are told. Best effort: the sender never
// waits for it and never sees it fail. What could not be marked is remembered (one entry a group,
// bounded) and marked again when the queue answers; what was marked in the last 120 s is marked
// again when the queue turns out to have lost everything.
//
// After five misses in a row the queue is left alone for a second: a queue that is slow or gone
// costs delay, not work.
//
// Safe from any thread. Must be stopped before it is destroyed.
class Marker {
 public:
  static constexpr std::size_t kRecentMax = 1'000'000;

  // `recent_max` bounds the memory of the last 120 s; 0 keeps none, for a queue that lives in this
  // process and so cannot be lost alone.
  Marker(GroupQueue& queue, const Clock& clock, std::size_t recent_max = kRecentMax);
  ~Marker();

  // Returns at once.
  void changed(GroupId group);

  // Called each second: tries again what failed.
  Task<void> heal();
  // Called 15 s after the queue has become another one (new run or replication id), when gateways
  // have registered anew: marks the last 120 s again.
  Task<void> queue_was_lost();

  // True once after more groups changed than could be remembered: gateways must then send `recheck`
  // to everybody.
  bool take_overflow();

  struct Stats {
    std::size_t failed = 0;  // groups that wait to be marked again
    std::size_t recent = 0;  // groups remembered as marked in the last 120 s
    bool skipping = false;   // the queue is left alone for a moment
  };
  Stats stats() const;

  // Waits for marks under way; none is started afterwards. Called once.
  Task<void> stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
