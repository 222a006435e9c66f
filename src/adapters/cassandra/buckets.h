#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/ids.h"

// How the sent axis of a group is cut into partitions.
//
// A bucket is a stretch of time of one of nine widths, from a minute to four years of 52 weeks;
// each width divides the next, so of two buckets one holds the other or they are apart. A group may
// have several buckets for one moment: readers merge them. So the width is advice, and workers that
// disagree about it cost a read, never a message.
//
// Everybody begins with the widest, in which a group that seldom speaks stays for ever: what five
// messages took in two years lies in two partitions at most. What fills a bucket makes its writers
// go on in narrower ones.
namespace tidings::cassandra {

inline constexpr std::int64_t kMinuteMs = 60'000;
inline constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;
inline constexpr std::array<std::int64_t, 9> kWidthsMs = {
    kMinuteMs,  10 * kMinuteMs, 60 * kMinuteMs, 360 * kMinuteMs, kDayMs,
    7 * kDayMs, 28 * kDayMs,    364 * kDayMs,   1456 * kDayMs};
inline constexpr std::int8_t kWidest = kWidthsMs.size() - 1;
// From here on buckets are wide: few enough in any group to be read all at once.
inline constexpr std::int8_t kFirstWide = 6;
inline constexpr milliseconds kWidestNarrow{7 * kDayMs};
inline constexpr milliseconds kWidestOfAll{1456 * kDayMs};

// The ids of one millisecond.
inline IdRange moment(Time time) {
  return {MessageId::floor(time), MessageId::floor(time + milliseconds(1))};
}

struct Bucket {
  std::int8_t width = kWidest;  // which of kWidthsMs
  Time start;

  // The one of that width in which `time` lies.
  static Bucket around(Time time, std::int8_t width);
  // The one of that width that ends then.
  static Bucket ending_at(Time end, std::int8_t width);

  Time end() const { return start + milliseconds(kWidthsMs[static_cast<std::uint8_t>(width)]); }
  bool is_wide() const { return width >= kFirstWide; }
  bool contains(Time time) const { return start <= time && time < end(); }
  bool overlaps(const IdRange& range) const {
    return range.from < MessageId::floor(end()) && MessageId::floor(start) < range.to;
  }
  auto operator<=>(const Bucket&) const = default;
};

// The widest width at which `bytes`, which took this long, would bring at most `bytes_wanted` into
// one bucket.
std::int8_t width_for(std::uint64_t bytes, milliseconds took, std::uint64_t bytes_wanted);

// How much one worker writes into one bucket. Others do the same, and a partition should stay
// under 100 MB with some twenty of them.
struct BucketRules {
  std::uint64_t full_bytes = 4u << 20;    // then it goes on in narrower ones
  std::uint64_t wanted_bytes = 2u << 20;  // which it makes so wide that this much comes into each
};

// What one worker knows of the buckets of one group, and how much it wrote into them. It decides
// where the next message goes. Not safe from several threads.
class GroupBuckets {
 public:
  // The narrowest registered bucket around `sent_at` that is not full; nothing when there is none
  // or none is known.
  const Bucket* usable(Time sent_at, const BucketRules& rules) const;
  // The bucket to register when there is none.
  Bucket advised(Time sent_at, const BucketRules& rules) const;

  void learn(Bucket registered);
  void wrote(Bucket bucket, Time sent_at, std::uint64_t bytes, const BucketRules& rules);

 private:
  struct Known {
    Bucket bucket;
    std::uint64_t bytes = 0;  // of ours
  };
  // What was written lately along the sent axis. An import writes years in an hour, and the years
  // are what its buckets are cut by.
  struct Stretch {
    std::uint64_t bytes = 0;
    Time from;
    Time to;
    void add(Time sent_at, std::uint64_t more);
  };
  const Known* narrowest_around(Time sent_at) const;

  std::vector<Known> known_;  // the last learnt at the end
  Stretch before_;            // one bucket full, if there ever was so much
  Stretch now_;
};

}  // namespace tidings::cassandra
