#pragma once

#include <optional>
#include <vector>

#include "adapters/cassandra/bucket_memory.h"
#include "adapters/cassandra/recent_pages.h"
#include "adapters/cassandra/statements.h"
#include "ports/message_store.h"

namespace tidings::cassandra {

// Some of the buckets of a group.
struct BucketPage {
  std::vector<Bucket> buckets;
  // Narrow ones may be lacking: when the newest were asked for, those that end then or earlier;
  // when the oldest were, those that end then or later.
  std::optional<Time> rest;
};

// The table group_buckets: which partitions of a group hold anything. A bucket, or an hour of the
// late index, stands in it before the first write to it, so readers that ask here miss nothing
// that was acknowledged before they asked.
//
// Safe from any thread. Errors of every method: Unavailable.
class BucketRegistry {
 public:
  BucketRegistry(CqlSession& session, BucketRules rules, const Clock& clock)
      : session_(session), clock_(clock), memory_(rules) {}
  Result<void> prepare();

  // A registered bucket for what was sent then. Mostly without asking the store.
  Task<Result<Bucket>> writable(GroupId group, Time sent_at, Instant deadline);
  void wrote(GroupId group, Bucket bucket, Time sent_at, std::size_t bytes) {
    memory_.wrote(group, bucket, sent_at, bytes);
  }

  // Those that overlap the range: all wide ones, and the narrow ones from one end. `from` is the
  // `rest` of the page before, which held the wide ones.
  Task<Result<BucketPage>> page(GroupId group, IdRange range, Take take, std::optional<Time> from,
                                Instant deadline);
  // All of them, as of `as_of` or later.
  Task<Result<std::vector<Bucket>>> around(GroupId group, IdRange range, Instant as_of,
                                           Instant deadline);

  Task<Result<void>> register_hour(GroupId group, Time hour, Instant deadline);
  // The first hours that end after that time, ascending.
  Task<Result<std::vector<Time>>> hours(GroupId group, Time after, std::size_t limit,
                                        Instant deadline);

 private:
  Task<Result<void>> insert(GroupId group, std::int8_t kind, Bucket bucket, Instant deadline);
  Task<Result<std::vector<Bucket>>> select(CqlStatement statement, CqlValues values,
                                           Instant deadline);

  CqlSession& session_;
  const Clock& clock_;
  BucketMemory memory_;
  RecentPages recent_;
  CqlStatement insert_;
  CqlStatement select_both_;
  CqlStatement select_newest_;
  CqlStatement select_oldest_;
};

}  // namespace tidings::cassandra
