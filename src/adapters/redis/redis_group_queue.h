#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "adapters/redis/redis_link.h"
#include "ports/group_queue.h"

namespace tidings {

// The queue that all workers share, in shards by the hash of the group, so that a Redis Cluster
// spreads it. Every operation is one script on one shard, by Redis's own time.
//
// A claim asks the shards that may hold something, all at once, and takes from each its part of the
// limit; with a limit smaller than the number of shards it takes strictly in the order of due
// times, one shard after the other, and may then return less than there is. While nothing is due a
// claimer waits without asking: a mark that makes something due sooner is published and wakes one
// claimer in each process that listens. Each shard is asked every 250 ms all the same.
//
// A mark gives up after 50 ms, everything else after 500 ms. A claim whose answer got lost comes
// back when its lease lapses.
class RedisGroupQueue final : public GroupQueue {
 public:
  struct Options {
    // The same in all processes of a cluster, or groups wait where nobody looks.
    std::size_t shards = 16;
    // Of the tokens, for tests; otherwise from the operating system.
    std::optional<std::uint64_t> seed = {};
  };

  // Both outlive it. The link's client may live longer.
  RedisGroupQueue(RedisLink& link, const Clock& clock);
  RedisGroupQueue(RedisLink& link, const Clock& clock, Options options);
  ~RedisGroupQueue() override;

  Task<Result<void>> mark(GroupId group) override;
  // The first claim begins to listen, which a client does once: one queue that claims for each.
  Task<Result<std::vector<Claim>>> claim(std::size_t limit, milliseconds wait) override;
  Task<Result<bool>> renew(Claim claim) override;
  Task<Result<void>> ack(Claim claim, milliseconds rest) override;
  Task<Result<std::vector<GroupId>>> reap() override;
  Task<Result<Depth>> depth() override;

  // Counts since the start, safe from any thread.
  struct Stats {
    std::uint64_t wake_ups = 0;     // heard
    std::uint64_t looks = 0;        // at one shard, to claim
    std::uint64_t empty_looks = 0;  // that found nothing due
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
