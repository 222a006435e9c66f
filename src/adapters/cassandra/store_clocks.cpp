#include "adapters/cassandra/store_clocks.h"

#include <utility>

namespace tidings {
namespace {

constexpr milliseconds kWithin{300};

}  // namespace

Result<std::unique_ptr<CassandraStoreClocks>> CassandraStoreClocks::open(CqlSession& session,
                                                                         const Clock& clock) {
  // A node answers it from its own tables.
  const auto now = session.prepare("SELECT toUnixTimestamp(now()) FROM system.local",
                                   {.consistency = CqlConsistency::One});
  if (!now) return forward(now);
  return std::unique_ptr<CassandraStoreClocks>(new CassandraStoreClocks(session, clock, *now));
}

Task<Result<std::vector<Time>>> CassandraStoreClocks::read() {
  const Instant asked = clock_.monotonic();
  auto executing = session_.execute_on_each_node(now_, CqlCall{asked + kWithin, 0, {}});
  const auto answers = co_await std::move(executing);
  if (!answers) co_return forward(answers);
  const auto took = std::chrono::duration_cast<milliseconds>(clock_.monotonic() - asked);
  std::vector<Time> times;
  for (const CqlRows& rows : *answers) {
    if (!rows.empty()) times.push_back(from_ms(rows[0].int64(0)) + took / 2);
  }
  if (times.empty()) co_return fail(ErrorCode::Unavailable, "no node of the store told its time");
  co_return times;
}

}  // namespace tidings
