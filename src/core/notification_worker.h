#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/task.h"
#include "core/directory.h"
#include "ports/gateways.h"
#include "ports/group_queue.h"
#include "ports/presence.h"

namespace tidings {

// Claims changed groups and tells the gateways that hold connections of their members. The answers
// of all gateways concerned end the claim; whatever fails is left to the lease, so that this worker
// or another tries again. What was given up after three leases is answered by `recheck`.
//
// Lives on one loop; a process may have one for each of its loops.
class NotificationWorker {
 public:
  struct Limits {
    std::size_t groups_at_once = 256;
    milliseconds claim_wait{250};  // how long one look at the queue lasts, and so how long a stop
  };

  NotificationWorker(GroupQueue& queue, Directory& directory, Presence& presence,
                     Gateways& gateways, const Clock& clock);
  NotificationWorker(GroupQueue& queue, Directory& directory, Presence& presence,
                     Gateways& gateways, const Clock& clock, Limits limits);
  ~NotificationWorker();

  // Works until `request_stop`; returns when all that was begun has ended. Called once.
  Task<void> run();
  // Safe from any thread.
  void request_stop();

  // One look at the queue, and the work it gave: the number of groups claimed. Waits at most `wait`
  // for a claim, and until at most `groups_at_once` are in work; not for the work.
  // Errors: Unavailable
  Task<Result<std::size_t>> claim_once(milliseconds wait);
  // Renews the claims in work, for at most 30 s each: what takes longer is left to others. `run`
  // does this each second.
  Task<void> renew_claims();
  // Puts lapsed claims back and sends `recheck` to the members of groups that were given up. `run`
  // does this each second.
  Task<void> reap();

  // Counts since the start, safe from any thread.
  struct Stats {
    std::uint64_t claimed = 0;     // groups
    std::uint64_t calls = 0;       // to gateways, that they answered
    std::uint64_t users_told = 0;  // in these calls
    std::uint64_t failed = 0;      // claims that were left to their lease
    std::uint64_t given_up = 0;    // groups, after three leases
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
