#pragma once

#include <vector>

#include "adapters/cassandra/timed_session.h"
#include "ports/session_store.h"

namespace tidings::cassandra {

// The table revocations: by the minute, each minute in a few partitions, so that the busiest minute
// is not one node's alone. Its rows go by their time to live. Errors of both: Unavailable. Safe
// from any thread.
class RevocationTable {
 public:
  RevocationTable(CqlSession& session, const Clock& clock) : session_(session, clock) {}
  Result<void> prepare();

  Task<Result<void>> put(Revocation revocation);
  // At or after `since`, in any order: one request, of all partitions of those minutes.
  Task<Result<std::vector<Revocation>>> since(Time since);

 private:
  TimedSession session_;
  CqlStatement put_;
  CqlStatement list_;
};

}  // namespace tidings::cassandra
