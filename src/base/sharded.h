#pragma once

#include <array>
#include <cstddef>
#include <functional>

namespace tidings {

// A map that many threads use, cut into parts with a mutex each: 64 of `Shard`.
template <class Shard>
class Sharded {
 public:
  static constexpr std::size_t kCount = 64;

  // The part of `key`, by the high bits of its hash: the low ones choose the bucket inside the
  // part's own map. Fibonacci hashing: Knuth, The Art of Computer Programming 3, 6.4.
  template <class Key>
  Shard& of(const Key& key) {
    return shards_[index_of(key)];
  }
  template <class Key>
  const Shard& of(const Key& key) const {
    return shards_[index_of(key)];
  }

  auto begin() { return shards_.begin(); }
  auto end() { return shards_.end(); }
  auto begin() const { return shards_.begin(); }
  auto end() const { return shards_.end(); }

 private:
  template <class Key>
  static std::size_t index_of(const Key& key) {
    return std::hash<Key>()(key) * 0x9E3779B97F4A7C15ULL >> 58;
  }

  std::array<Shard, kCount> shards_;
};

}  // namespace tidings
