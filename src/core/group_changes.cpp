#include "core/group_changes.h"

#include <utility>

#include "core/lost_race.h"
#include "model/limits.h"

namespace tidings {

GroupChanges::GroupChanges(GroupStore& groups, MessageStore& messages, Directory& directory,
                           Marker& marker, const Clock& clock)
    : groups_(groups), messages_(messages), directory_(directory), marker_(marker), clock_(clock) {}

Task<Result<void>> GroupChanges::group_changed(GroupId group) {
  directory_.forget(group);
  // Of its end its members are told, too: then there is no group to ask whether they are.
  const auto found = co_await directory_.group(group);
  co_return co_await tell(group, !found || is_told(**found, clock_.now()));
}

Task<Result<void>> GroupChanges::member_changed(GroupId group, UserId member) {
  directory_.forget(group, member);
  const auto followed = co_await follow_size(group);
  const auto told = co_await tell(group, followed.value_or(true));
  if (!followed) co_return forward(followed);
  co_return told;
}

Task<Result<void>> GroupChanges::member_found(GroupId group, const Member& member) {
  if (clock_.now() - member.changed_at >= kFollowAgainWithin) co_return {};
  co_return co_await member_changed(group, member.user);
}

Task<Result<void>> GroupChanges::tell(GroupId group, bool are_told) {
  const auto touched = co_await messages_.touch(group, clock_.now());
  if (are_told) marker_.changed(group);
  co_return touched;
}

// Whether members of the group are told of changes now, or of its end.
Task<Result<bool>> GroupChanges::follow_size(GroupId id) {
  for (int i = 0; i < kRaceTriesMax; ++i) {
    const auto size = co_await groups_.count_members(id);
    if (!size) co_return forward(size);
    auto found = co_await groups_.find(id);
    if (!found) co_return forward(found);
    if (!*found) co_return true;

    Group& group = **found;
    const bool push = group.push ? *size <= kPushSizeMax : *size < kPushAgainSize;
    if (push == group.push) co_return group.deleted_at || is_told(group, clock_.now());
    group.push = push;
    group.push_changed_at = clock_.now();
    // Stored or not, look again: others may have come or gone since the members were counted, and
    // found no reason to change anything then.
    const auto stored = co_await groups_.compare_and_set(std::move(group));
    if (!stored) co_return forward(stored);
    directory_.forget(id);
  }
  co_return lost_every_race();
}

}  // namespace tidings
