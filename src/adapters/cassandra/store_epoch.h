#pragma once

#include "base/clock.h"
#include "bridge/cql_session.h"
#include "model/cursor.h"

// The epoch of a store in Cassandra: a row in its table `store`. Both functions block; they are for
// the start of a process and for administration. Both write by lightweight transaction, so that
// processes that start together agree. Errors: Unavailable; Internal, the tables are not there.
namespace tidings::cassandra {

// A store that has none yet is given one, by chance.
Result<StoreEpoch> load_epoch(CqlSession& session);

// Gives the store another one, after what a restore, an import or a move does to positions.
// Workers notice when they start.
Result<StoreEpoch> renew_epoch(CqlSession& session);

}  // namespace tidings::cassandra
