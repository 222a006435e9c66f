#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"

namespace tidings {

// A dirty group that a notification worker has taken to tell its members.
struct Claim {
  GroupId group;
  std::uint64_t token = 0;    // proves that the lease is still this worker's
  std::uint32_t attempt = 1;  // how many leases this work has had; after three it is given up
  Instant leased_until;
};

// The groups that changed and whose members were not told yet, each at most once, ordered by due
// time.
//
// May lose everything at any moment: clients then find out by polling. Errors of every method:
// Unavailable.
class GroupQueue {
 public:
  virtual ~GroupQueue() = default;

  // How long a group rests after a claim, unless its ack asks for less.
  static constexpr milliseconds kRestMax{250};

  // Adds a group unless it waits already. It is due now, or when it has rested since its last
  // claim.
  virtual Task<Result<void>> mark(GroupId group) = 0;

  // Takes at most `limit` due groups, waiting at most `wait` for one. Each is taken out of the
  // waiting set *before* it is returned, so that a message that arrives during the work marks it
  // again, and is leased for 4 s.
  virtual Task<Result<std::vector<Claim>>> claim(std::size_t limit, milliseconds wait) = 0;

  // Renews a lease by 4 s; false when it has lapsed and is somebody else's.
  virtual Task<Result<bool>> renew(Claim claim) = 0;

  // Ends a claim, if its token is still the right one. The group may be claimed again when `rest`
  // (at most 250 ms) has passed since this claim.
  virtual Task<Result<void>> ack(Claim claim, milliseconds rest) = 0;

  // Puts groups whose lease lapsed back into the waiting set. Returns those that were dropped
  // instead, after three leases: their members must be sent `recheck`.
  virtual Task<Result<std::vector<GroupId>>> reap() = 0;

  struct Depth {
    std::size_t waiting = 0;
    std::size_t leased = 0;
  };
  virtual Task<Result<Depth>> depth() = 0;
};

}  // namespace tidings
