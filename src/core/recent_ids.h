#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace tidings {

// Remembers for a minute what was noted, in a fixed amount of memory: under pressure the oldest of
// a bucket is forgotten early. Whoever asks must be right, if slower, when it has forgotten.
//
// Safe from any thread, without locks: of two threads that note one thing at once both may be
// told that it is new.
class RecentIds {
 public:
  // Holds 4 * `buckets` entries of 8 bytes; a power of two.
  explicit RecentIds(std::size_t buckets);

  // Whether `hash` was noted in the last 60 s.
  bool has(std::uint64_t hash, Instant now) const;
  // The same; notes it now unless it was.
  bool note(std::uint64_t hash, Instant now);

 private:
  static constexpr std::size_t kWays = 4;
  // Each slot: the upper 32 bits of the hash, then the monotonic second of the note. 0: free.
  // Read and written atomically, with no order among them.
  mutable std::vector<std::uint64_t> slots_;
  std::size_t mask_;
};

}  // namespace tidings
