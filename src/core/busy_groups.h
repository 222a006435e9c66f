#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace tidings {

// Which groups are written to most, in bounded memory whatever the number of groups.
//
// Space-Saving (Metwally et al., 2005): a group that is not followed takes the place of the one
// with the smallest count and inherits that count as its error. What is told is count less error:
// the notes that were surely the group's, so that a thousand quiet groups never look like one that
// is loud. A window lasts a minute; the one that ended and the one that runs are told together.
//
// Safe from any thread.
class BusyGroups {
 public:
  struct Busy {
    GroupId group;
    std::uint64_t per_minute = 0;

    bool operator==(const Busy&) const = default;
  };

  explicit BusyGroups(Instant now) : began_(now), last_began_(now) {}

  void note(GroupId group, Instant now);

  // How often `note` was called, ever.
  std::uint64_t total() const;
  // The busiest of the last one to two minutes, the busiest first; at most `limit`.
  std::vector<Busy> busiest(std::size_t limit, Instant now);

 private:
  static constexpr std::size_t kFollowedMax = 64;

  struct Followed {
    GroupId group;
    std::uint64_t count = 0;
    std::uint64_t error = 0;
  };
  using Window = std::vector<Followed>;

  void turn(Instant now);

  mutable std::mutex mutex_;
  std::uint64_t total_ = 0;
  Window running_;
  Window ended_;
  Instant began_;       // of the window that runs
  Instant last_began_;  // of the one that ended; the same while none has
};

}  // namespace tidings
