#pragma once

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
// Safe from any thread. Must be stopped before it is destroyed.
class Marker {
 public:
  Marker(GroupQueue& queue, const Clock& clock);
  ~Marker();

  // Returns at once.
  void changed(GroupId group);

  // Called each second: tries again what failed.
  Task<void> heal();
  // Called when the queue has become another one (new run or replication id): marks the last 120 s
  // again.
  Task<void> queue_was_lost();

  // Waits for marks under way; none is started afterwards.
  Task<void> stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
