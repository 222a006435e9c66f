#pragma once

#include <optional>
#include <vector>

#include "adapters/cassandra/statements.h"
#include "base/clock.h"
#include "ports/message_store.h"

namespace tidings::cassandra {

// The table sealed_sums: one row a ticket, with plain writes that only ever add to it.
//
// begin    writes the open ticket; after that the sealer reads the rows of the range.
// unseal   comes after a row was written: it reads the tickets around that row and breaks them.
// seal     adds the sum to its ticket. A sum counts unless its ticket is broken.
//
// Reads and writes are of a quorum, so either the sealer's read sees the row, or the ticket was
// open before the row's writer looked, and is broken before that writer answers. No clock is
// compared.
//
// Writers look only when a row is older than 28 days: what is younger is not sealed. A day lies
// between the two for clocks. Nor is a range of more than 28 days.
//
// Safe from any thread. Errors of every method: Unavailable.
class Seals {
 public:
  Seals(CqlSession& session, const Clock& clock) : session_(session), clock_(clock) {}
  Result<void> prepare();

  Task<Result<std::optional<DigestSum>>> sealed(GroupId group, IdRange range, Instant deadline);
  Task<Result<SealTicket>> begin(GroupId group, IdRange range, Instant deadline);
  Task<Result<void>> seal(GroupId group, IdRange range, DigestSum sum, SealTicket ticket,
                          Instant deadline);

  // Whether a range around this id may be sealed, so that whoever wrote the row must unseal it.
  bool may_be_sealed(MessageId id) const;
  Task<Result<void>> unseal(GroupId group, MessageId id, Instant deadline);

 private:
  struct Ticket {
    IdRange range;
    std::int64_t number = 0;
  };
  bool is_sealable(const IdRange& range) const;
  Task<Result<std::vector<Ticket>>> unbroken_around(GroupId group, std::int32_t period,
                                                    MessageId id, Instant deadline);
  // True; what is run together has a value.
  Task<Result<bool>> break_ticket(GroupId group, Ticket ticket, Instant deadline);

  CqlSession& session_;
  const Clock& clock_;
  CqlStatement open_;
  CqlStatement add_sum_;
  CqlStatement break_;
  CqlStatement select_;
  CqlStatement select_around_;
};

}  // namespace tidings::cassandra
