#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/cassandra/buckets.h"
#include "base/clock.h"
#include "base/sharded.h"
#include "model/ids.h"

namespace tidings::cassandra {

// What the registry answered last for some groups, so that a request that reads messages and then
// their amendments asks once which buckets there are. Bounded: it forgets.
//
// Safe from any thread.
class RecentPages {
 public:
  // These are all buckets that overlapped the range at some time after `asked`.
  void keep(GroupId group, IdRange range, Instant asked, const std::vector<Bucket>& buckets);
  // All that overlapped the range at some time after `as_of`; nothing when that is not known.
  std::optional<std::vector<Bucket>> find(GroupId group, IdRange range, Instant as_of) const;

 private:
  struct Page {
    IdRange range;
    Instant asked;
    std::vector<Bucket> buckets;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<GroupId, Page> pages;
  };

  Sharded<Shard> shards_;
};

}  // namespace tidings::cassandra
