#pragma once

#include <memory>

#include "adapters/cassandra/timed_session.h"
#include "ports/read_mark_store.h"

namespace tidings::cassandra {

// Read marks, each written with its watermark as timestamp: the furthest wins, whatever the order
// in which they arrive, without reading anything. Of two with one watermark the greater value wins,
// and a value begins with the sequence. Safe from any thread.
class CassandraReadMarkStore final : public ReadMarkStore {
 public:
  // The session and the clock outlive it. Blocks. Errors: as TimedSession::prepare
  static Result<std::unique_ptr<CassandraReadMarkStore>> open(CqlSession& session,
                                                              const Clock& clock);

  Task<Result<void>> put(UserId user, Cursor mark) override;
  Task<Result<std::vector<std::optional<Cursor>>>> get(UserId user,
                                                       std::vector<GroupId> groups) override;

 private:
  CassandraReadMarkStore(CqlSession& session, const Clock& clock) : session_(session, clock) {}

  TimedSession session_;
  CqlStatement put_;
  CqlStatement get_;
};

}  // namespace tidings::cassandra
