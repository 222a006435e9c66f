#include "core/busy_groups.h"

#include <algorithm>
#include <map>

namespace tidings {
namespace {

constexpr milliseconds kWindow = seconds(60);

}  // namespace

void BusyGroups::note(GroupId group, Instant now) {
  const std::scoped_lock lock(mutex_);
  turn(now);
  ++total_;
  auto found = std::ranges::find(running_, group, &Followed::group);
  if (found == running_.end()) {
    if (running_.size() < kFollowedMax) {
      running_.push_back({group, 1, 0});
      return;
    }
    found = std::ranges::min_element(running_, {}, &Followed::count);
    *found = {group, found->count, found->count};
  }
  ++found->count;
}

std::uint64_t BusyGroups::total() const {
  const std::scoped_lock lock(mutex_);
  return total_;
}

std::vector<BusyGroups::Busy> BusyGroups::busiest(std::size_t limit, Instant now) {
  std::map<GroupId, std::uint64_t> counts;
  milliseconds covered{};
  {
    const std::scoped_lock lock(mutex_);
    turn(now);
    for (const Window* const window : {&ended_, &running_}) {
      for (const Followed& followed : *window) {
        if (followed.count > followed.error)
          counts[followed.group] += followed.count - followed.error;
      }
    }
    covered = std::chrono::duration_cast<milliseconds>(now - last_began_);
  }
  // In the first second of a process one message would look like a thousand.
  covered = std::max<milliseconds>(covered, seconds(1));
  std::vector<Busy> busy;
  busy.reserve(counts.size());
  for (const auto& [group, count] : counts) {
    busy.push_back({group, count * 60'000 / static_cast<std::uint64_t>(covered.count())});
  }
  std::ranges::sort(busy, [](const Busy& one, const Busy& other) {
    if (one.per_minute != other.per_minute) return one.per_minute > other.per_minute;
    return one.group < other.group;
  });
  if (busy.size() > limit) busy.resize(limit);
  return busy;
}

void BusyGroups::turn(Instant now) {
  if (now - began_ < kWindow) return;
  // After a pause of more than a window nothing happened in the one that ended.
  const bool was_quiet = now - began_ >= 2 * kWindow;
  ended_ = was_quiet ? Window() : std::move(running_);
  running_.clear();
  last_began_ = was_quiet ? now - kWindow : began_;
  began_ = was_quiet ? now : began_ + kWindow;
}

}  // namespace tidings
