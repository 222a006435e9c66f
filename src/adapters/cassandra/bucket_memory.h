#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "adapters/cassandra/buckets.h"
#include "base/sharded.h"
#include "model/ids.h"

namespace tidings::cassandra {

// What this worker remembers of the groups that it wrote to last: their buckets, and which hours of
// their late index are registered. Whatever it forgets the store still knows, so it is bounded by
// forgetting.
//
// Safe from any thread.
class BucketMemory {
 public:
  explicit BucketMemory(BucketRules rules, std::size_t groups_max = std::size_t{1} << 16)
      : rules_(rules), groups_max_(groups_max / Sharded<Shard>::kCount + 1) {}

  std::optional<Bucket> usable(GroupId group, Time sent_at);
  Bucket advised(GroupId group, Time sent_at);
  void learn(GroupId group, std::span<const Bucket> registered);
  void wrote(GroupId group, Bucket bucket, Time sent_at, std::uint64_t bytes);

  bool knows_hour(GroupId group, Time hour);
  void learn_hour(GroupId group, Time hour);

  std::size_t groups() const;

 private:
  struct Known {
    GroupId group;
    GroupBuckets buckets;
    std::vector<Time> hours;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::list<Known> by_use;  // the last used in front
    std::unordered_map<GroupId, std::list<Known>::iterator> by_group;
  };

  // Makes room for it, if it is new. Needs the lock.
  Known& of(Shard& shard, GroupId group) const;

  const BucketRules rules_;
  const std::size_t groups_max_;  // in one shard
  Sharded<Shard> shards_;
};

}  // namespace tidings::cassandra
