#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/clock_guard.h"
#include "core/directory.h"
#include "core/history.h"
#include "core/read_marks.h"
#include "core/statuses.h"
#include "core/sync.h"
#include "model/amendment.h"
#include "model/group.h"
#include "model/limits.h"
#include "model/user.h"
#include "ports/group_store.h"
#include "ports/message_store.h"

namespace tidings {

struct StatusRequest {
  std::optional<std::string> cursor;  // as the client sent it
  std::optional<Time> since;          // an arrival time, inclusive
  std::vector<std::string> users;     // bare names
  bool with_unread = false;
  bool with_last = false;
  std::size_t limit = kPageLimitDefault;  // of groups; at most 50 are given where `with…` is asked
};

struct GroupStatus {
  Group group;
  std::size_t size = 0;
  Role role = Role::Member;  // of the caller
  Time last_updated;
  std::optional<Sync::Unread> unread;
  std::optional<ShownMessage> last_message;
};

struct Status {
  std::vector<GroupStatus> groups;  // in id order
  std::vector<GroupId> removed;     // left, removed from, or deleted since the cursor
  std::vector<ShownStatus> users;
  std::string cursor;
  bool more = false;
  milliseconds next_poll{0};
};

// Tells a reader which of their groups changed, so that they pull those.
//
// Safe from any thread.
class StatusFeed {
 public:
  StatusFeed(GroupStore& groups, MessageStore& messages, Directory& directory, History& history,
             ReadMarks& read_marks, Statuses& statuses, const ClockGuard& clock_guard,
             const Clock& clock)
      : groups_(groups),
        messages_(messages),
        directory_(directory),
        history_(history),
        read_marks_(read_marks),
        statuses_(statuses),
        clock_guard_(clock_guard),
        clock_(clock) {}

  // The groups that changed since the cursor (or time; without either: all), in id order. One that
  // changed shortly before may be listed again.
  //
  // Errors: InvalidRequest  cursor and since; a limit that is not 1 to 200; more than 100 users
  //         InvalidCursor   start without one
  //         Unavailable     also while the clock is out, because it makes the watermark
  Task<Result<Status>> run(Caller caller, StatusRequest request);

 private:
  // A group that is in the answer, and when something was last said there.
  struct Listed {
    Membership membership;
    std::optional<Time> head;
  };

  Task<Result<void>> add_groups(const Caller& caller, const StatusRequest& request,
                                std::vector<Listed> listed, std::vector<GroupStatus>& groups,
                                std::vector<GroupId>& gone);
  Task<Result<std::optional<GroupStatus>>> status_of(Caller caller, Listed listed,
                                                     StatusRequest request);

  GroupStore& groups_;
  MessageStore& messages_;
  Directory& directory_;
  History& history_;
  ReadMarks& read_marks_;
  Statuses& statuses_;
  const ClockGuard& clock_guard_;
  const Clock& clock_;
};

}  // namespace tidings
