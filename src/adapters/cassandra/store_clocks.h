#pragma once

#include "base/clock.h"
#include "bridge/cql_session.h"
#include "ports/store_clocks.h"

namespace tidings {

// The wall clocks of the nodes, as their CQL function now() shows them.
//
// All nodes are asked at once, and each showed its time at some moment between the question and
// the last answer; half of that time is added. So they are off by at most half a question, which is
// bounded to 300 ms: a node that is slower has not answered.
//
// Safe from any thread.
class CassandraStoreClocks final : public StoreClocks {
 public:
  // Both must outlive it. Blocks. Errors: Unavailable
  static Result<std::unique_ptr<CassandraStoreClocks>> open(CqlSession& session,
                                                            const Clock& clock);

  Task<Result<std::vector<Time>>> read() override;

 private:
  CassandraStoreClocks(CqlSession& session, const Clock& clock, CqlStatement now)
      : session_(session), clock_(clock), now_(now) {}

  CqlSession& session_;
  const Clock& clock_;
  const CqlStatement now_;
};

}  // namespace tidings
