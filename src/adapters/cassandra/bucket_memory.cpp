#include "adapters/cassandra/bucket_memory.h"

#include <algorithm>

namespace tidings::cassandra {
namespace {

constexpr std::size_t kHoursMax = 4;

}  // namespace

BucketMemory::Known& BucketMemory::of(Shard& shard, GroupId group) const {
  const auto found = shard.by_group.find(group);
  if (found != shard.by_group.end()) {
    shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
    return shard.by_use.front();
  }
  if (shard.by_use.size() >= groups_max_) {
    shard.by_group.erase(shard.by_use.back().group);
    shard.by_use.pop_back();
  }
  shard.by_use.push_front({group, {}, {}});
  shard.by_group.emplace(group, shard.by_use.begin());
  return shard.by_use.front();
}

std::optional<Bucket> BucketMemory::usable(GroupId group, Time sent_at) {
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  const Bucket* const found = of(shard, group).buckets.usable(sent_at, rules_);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

Bucket BucketMemory::advised(GroupId group, Time sent_at) {
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  return of(shard, group).buckets.advised(sent_at, rules_);
}

void BucketMemory::learn(GroupId group, std::span<const Bucket> registered) {
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  for (const Bucket bucket : registered) of(shard, group).buckets.learn(bucket);
}

void BucketMemory::wrote(GroupId group, Bucket bucket, Time sent_at, std::uint64_t bytes) {
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  of(shard, group).buckets.wrote(bucket, sent_at, bytes, rules_);
}

bool BucketMemory::knows_hour(GroupId group, Time hour) {
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  const auto& hours = of(shard, group).hours;
  return std::ranges::find(hours, hour) != hours.end();
}

void BucketMemory::learn_hour(GroupId group, Time hour) {
  Shard& shard = shards_.of(group);
  const std::scoped_lock lock(shard.mutex);
  auto& hours = of(shard, group).hours;
  if (std::ranges::find(hours, hour) != hours.end()) return;
  if (hours.size() == kHoursMax) hours.erase(hours.begin());
  hours.push_back(hour);
}

std::size_t BucketMemory::groups() const {
  std::size_t groups = 0;
  for (const Shard& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    groups += shard.by_use.size();
  }
  return groups;
}

}  // namespace tidings::cassandra
