#pragma once

#include <vector>

#include "adapters/cassandra/bucket_registry.h"
#include "adapters/cassandra/statements.h"
#include "base/clock.h"
#include "ports/message_store.h"

namespace tidings::cassandra {

// The table late_arrivals: what arrived late, by the hour in which it arrived.
//
// Safe from any thread. Errors of every method: Unavailable.
class LateIndex {
 public:
  LateIndex(CqlSession& session, BucketRegistry& registry, const Clock& clock)
      : session_(session), registry_(registry), clock_(clock) {}
  Result<void> prepare();

  Task<Result<void>> write(GroupId group, LateArrival arrival, Instant deadline);
  // Those after `after`, ascending; at most `limit`. A reader who is up to date costs one read (two
  // at the turn of an hour): the last hours are looked at without asking which of them exist.
  Task<Result<std::vector<LateArrival>>> read(GroupId group, LateArrival after, std::size_t limit,
                                              Instant deadline);

 private:
  using Arrivals = std::vector<LateArrival>;
  Task<Result<Arrivals>> read_hours(GroupId group, std::vector<Time> hours, LateArrival after,
                                    std::size_t limit, Instant deadline);
  Task<Result<Arrivals>> read_hour(GroupId group, Time hour, LateArrival after, std::size_t limit,
                                   Instant deadline);

  CqlSession& session_;
  BucketRegistry& registry_;
  const Clock& clock_;
  CqlStatement insert_;
  CqlStatement select_;
};

}  // namespace tidings::cassandra
