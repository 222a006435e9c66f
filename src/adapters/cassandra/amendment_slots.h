#pragma once

#include <string>
#include <vector>

#include "adapters/cassandra/bucket_registry.h"
#include "adapters/cassandra/statements.h"
#include "model/amendment.h"

namespace tidings::cassandra {

// The table of amendments: one cell a slot of a target, in a bucket around the target.
//
// Safe from any thread. Errors of every method: Unavailable; Internal, a cell is damaged.
class AmendmentSlots {
 public:
  AmendmentSlots(CqlSession& session, BucketRegistry& registry)
      : session_(session), registry_(registry) {}
  Result<void> prepare();

  // The later sent wins the slot.
  Task<Result<void>> write(GroupId group, Amendment amendment, Time received_at, Instant deadline);
  // The same without its text, in all buckets around the target; it beats what it was. A later one
  // still wins.
  Task<Result<void>> erase(GroupId group, Amendment amendment, Time received_at, Instant deadline);
  // The winners of all slots of these targets as of `as_of` or later, ordered by target and slot.
  Task<Result<std::vector<Amendment>>> read(GroupId group, std::vector<MessageId> targets,
                                            Instant as_of, Instant deadline);

 private:
  struct Cell {
    MessageId target;
    std::string slot;
    std::string body;
  };
  Task<Result<void>> insert(GroupId group, Bucket bucket, Amendment amendment, std::string body,
                            Instant deadline);
  Task<Result<std::vector<Cell>>> cells_in(GroupId group, Bucket bucket,
                                           std::vector<MessageId> targets, Instant deadline);

  CqlSession& session_;
  BucketRegistry& registry_;
  CqlStatement insert_;
  CqlStatement select_;
};

}  // namespace tidings::cassandra
