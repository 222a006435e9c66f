#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace tidings::rocks {

// Counts values by powers of two: bucket i holds those of at most 2^i. Safe from any thread.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 24;

  struct Snapshot {
    std::array<std::uint64_t, kBuckets> buckets{};
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
  };

  void record(std::uint64_t value) {
    const auto bucket = value <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(value - 1));
    buckets_[bucket < kBuckets ? bucket : kBuckets - 1].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  Snapshot snapshot() const {
    Snapshot made;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      made.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
      made.count += made.buckets[i];
    }
    made.sum = sum_.load(std::memory_order_relaxed);
    return made;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace tidings::rocks
