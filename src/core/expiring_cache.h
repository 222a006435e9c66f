#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/sharded.h"

namespace tidings {

// Counts changes of things by their hash: whoever changes a thing bumps its stamp afterwards, and
// what was read under an older stamp is no longer believed. Two things may share a stamp, which
// costs a read too many, never an old value. Safe from any thread.
class Stamps {
 public:
  std::uint64_t of(std::size_t hash) const {
    return slots_[hash % kSlots].load(std::memory_order_acquire);
  }
  void bump(std::size_t hash) { slots_[hash % kSlots].fetch_add(1, std::memory_order_acq_rel); }

 private:
  static constexpr std::size_t kSlots = 4096;
  std::array<std::atomic<std::uint64_t>, kSlots> slots_{};
};

// Remembers values until a given moment, in bounded memory. Safe from any thread; a hit takes one
// uncontended lock and allocates nothing.
//
// Take the stamp *before* reading the value that is put: then a change during the read, which bumps
// the stamp, leaves an entry that nobody is shown.
//
// Each shard holds two generations: when the younger is full it becomes the older, which is
// dropped. So at most `weight_max` (and one entry more a shard) is held, and what is asked for only
// once goes soon.
template <class Key, class Value>
class ExpiringCache {
 public:
  struct Found {
    std::shared_ptr<const Value> value;
    Instant until;
  };

  explicit ExpiringCache(std::size_t weight_max)
      : generation_weight_max_(
            std::max<std::size_t>(1, weight_max / (2 * Sharded<Shard>::kCount))) {}

  std::optional<Found> get(const Key& key, std::uint64_t stamp, Instant now) {
    Shard& shard = shards_.of(key);
    const std::scoped_lock lock(shard.mutex);
    const Entry* const entry = shard.find(key);
    if (entry == nullptr || entry->stamp != stamp || entry->found.until <= now) {
      ++shard.misses;
      return std::nullopt;
    }
    ++shard.hits;
    return entry->found;
  }

  void put(Key key, std::shared_ptr<const Value> value, std::uint64_t stamp, Instant until,
           std::size_t weight = 1) {
    Map dropped;  // destroyed after the lock is given back
    Shard& shard = shards_.of(key);
    const std::scoped_lock lock(shard.mutex);
    if (shard.young_weight >= generation_weight_max_) {
      dropped.swap(shard.old);
      shard.old.swap(shard.young);
      shard.young_weight = 0;
    }
    shard.young.insert_or_assign(std::move(key), Entry{{std::move(value), until}, stamp});
    shard.young_weight += weight;
  }

  std::uint64_t hits() const { return sum(&Shard::hits); }
  std::uint64_t misses() const { return sum(&Shard::misses); }
  std::size_t entries() const {
    std::size_t count = 0;
    for (const Shard& shard : shards_) {
      const std::scoped_lock lock(shard.mutex);
      count += shard.young.size() + shard.old.size();
    }
    return count;
  }

 private:
  struct Entry {
    Found found;
    std::uint64_t stamp;
  };
  using Map = std::unordered_map<Key, Entry>;

  struct alignas(64) Shard {
    const Entry* find(const Key& key) const {
      if (const auto at = young.find(key); at != young.end()) return &at->second;
      if (const auto at = old.find(key); at != old.end()) return &at->second;
      return nullptr;
    }
    mutable std::mutex mutex;
    Map young;
    Map old;
    std::size_t young_weight = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };

  std::uint64_t sum(std::uint64_t Shard::* counter) const {
    std::uint64_t total = 0;
    for (const Shard& shard : shards_) {
      const std::scoped_lock lock(shard.mutex);
      total += shard.*counter;
    }
    return total;
  }

  std::size_t generation_weight_max_;
  Sharded<Shard> shards_;
};

}  // namespace tidings
