#include "adapters/cassandra/statements.h"

namespace tidings::cassandra {

Task<Result<void>> write(CqlSession& session, CqlStatement statement, CqlValues values,
                         Instant deadline) {
  auto executing = session.execute(statement, std::move(values), CqlCall{deadline, 0, {}});
  const Result<CqlRows> done = co_await std::move(executing);
  if (!done) co_return forward(done);
  co_return Result<void>();
}

}  // namespace tidings::cassandra
