#include "adapters/cassandra/store_epoch.h"

#include <string>

#include "base/bytes.h"
#include "base/random.h"

namespace tidings::cassandra {
namespace {

constexpr milliseconds kWithin = seconds(10);

// Never zero: that is no epoch.
StoreEpoch random_epoch() {
  const std::string bytes = random_bytes(4);
  const StoreEpoch epoch = ByteReader(bytes).u32();
  return epoch == 0 ? 1 : epoch;
}

}  // namespace

Result<StoreEpoch> load_epoch(CqlSession& session) {
  auto found = session.run("SELECT value FROM store WHERE name = 'epoch'", kWithin);
  if (!found) return forward(found);
  if (!found->empty()) return static_cast<StoreEpoch>((*found)[0].int64(0));

  const StoreEpoch made = random_epoch();
  const auto inserted = session.run("INSERT INTO store (name, value) VALUES ('epoch', " +
                                        std::to_string(made) + ") IF NOT EXISTS",
                                    kWithin);
  if (!inserted) return forward(inserted);
  if (inserted->applied()) return made;
  // Somebody else was faster.
  found = session.run("SELECT value FROM store WHERE name = 'epoch'", kWithin);
  if (!found) return forward(found);
  if (found->empty()) return fail(ErrorCode::Internal, "The store has no epoch.");
  return static_cast<StoreEpoch>((*found)[0].int64(0));
}

Result<StoreEpoch> renew_epoch(CqlSession& session) {
  const auto current = load_epoch(session);
  if (!current) return current;
  StoreEpoch next = random_epoch();
  while (next == *current) next = random_epoch();
  const auto updated =
      session.run("UPDATE store SET value = " + std::to_string(next) +
                      " WHERE name = 'epoch' IF value = " + std::to_string(*current),
                  kWithin);
  if (!updated) return forward(updated);
  if (updated->applied()) return next;
  return load_epoch(session);
}

}  // namespace tidings::cassandra
