#include "core/poll_interval.h"

#include <algorithm>
#include <cstdint>

namespace tidings {
namespace {

constexpr milliseconds kWhenTold = std::chrono::minutes(10);
constexpr milliseconds kAtLeast = seconds(2);
constexpr milliseconds kAtMost = seconds(60);

// Between four fifths of `interval` and all of it, differently for each reader and moment.
milliseconds spread(milliseconds interval, UserId reader, Time now) {
  std::uint64_t chance = std::hash<UserId>()(reader) ^ static_cast<std::uint64_t>(to_ms(now));
  chance = (chance ^ (chance >> 31)) * 0x9E3779B97F4A7C15ULL >> 33;
  const auto fifth = static_cast<std::uint64_t>(interval.count() / 5) + 1;
  return interval - milliseconds(chance % fifth);
}

}  // namespace

milliseconds poll_interval(const Group& group, UserId reader, Time asked_before, Time now,
                           bool anything_new) {
  if (is_pushed(group, now)) return spread(kWhenTold, reader, now);
  if (anything_new) return spread(kAtLeast, reader, now);
  const milliseconds idle = std::clamp(now - asked_before, milliseconds(0), kAtMost);
  return spread(std::clamp(idle * 3 / 2, kAtLeast, kAtMost), reader, now);
}

milliseconds status_poll_interval(UserId reader, Time now) {
  return spread(kWhenTold, reader, now);
}

}  // namespace tidings
