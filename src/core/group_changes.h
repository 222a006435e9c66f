#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/marker.h"
#include "model/group.h"
#include "ports/group_store.h"
#include "ports/message_store.h"

namespace tidings {

// For so long a change is followed again by whoever finds it made: whoever made it may have broken
// off before anybody was told.
inline constexpr milliseconds kFollowAgainWithin = seconds(60);

// What follows a change of a group or of its members, whoever made it: this process forgets what it
// knew, the group counts as changed for the status, and its members are told. Safe from any thread.
class GroupChanges {
 public:
  GroupChanges(GroupStore& groups, MessageStore& messages, Directory& directory, Marker& marker,
               const Clock& clock);

  // After the group itself was stored, or its end was. Errors: Unavailable; doing it again is
  // harmless
  Task<Result<void>> group_changed(GroupId group);

  // After one member was stored: also sets `push` as the new size wants it (false above 100, true
  // again below 90). Errors: Unavailable; doing it again is harmless
  Task<Result<void>> member_changed(GroupId group, UserId member);
  // The same where a member was found as they were to be, unless that is long so.
  Task<Result<void>> member_found(GroupId group, const Member& member);

 private:
  Task<Result<bool>> follow_size(GroupId group);
  Task<Result<void>> tell(GroupId group, bool are_told);

  GroupStore& groups_;
  MessageStore& messages_;
  Directory& directory_;
  Marker& marker_;
  const Clock& clock_;
};

}  // namespace tidings
