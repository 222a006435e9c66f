#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace tidings::bench {

// Counts of microseconds in buckets of at most 1/64 relative width (the layout of HdrHistogram with
// six bits of precision), up to about 19 hours.
class Histogram {
 public:
  void add(std::int64_t us) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(0, us));
    ++counts_[std::min(bucket_of(value), counts_.size() - 1)];
    ++total_;
    max_ = std::max(max_, value);
  }

  std::uint64_t total() const { return total_; }
  std::uint64_t max() const { return max_; }

  // The smallest value that at least this share of all is not above; the upper edge of its bucket.
  std::uint64_t at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted && seen > 0) return std::min(upper_edge(i), max_);
    }
    return max_;
  }

 private:
  static constexpr int kBits = 6;
  static constexpr std::size_t kSub = 1U << kBits;

  static std::size_t bucket_of(std::uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1);
    return static_cast<std::size_t>(shift) * kSub + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_edge(std::size_t bucket) {
    if (bucket < 2 * kSub) return bucket;
    const std::size_t shift = bucket / kSub - 1;
    return ((bucket - shift * kSub + 1) << shift) - 1;
  }

  std::array<std::uint64_t, 32 * kSub> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace tidings::bench
