#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/blocks.h"
#include "core/clock_guard.h"
#include "core/directory.h"
#include "core/group_changes.h"
#include "core/list_page.h"
#include "core/ownership.h"
#include "model/group.h"
#include "model/user.h"
#include "ports/group_store.h"
#include "ports/message_store.h"
#include "ports/throttle.h"

namespace tidings {

// A group as somebody sees it.
struct GroupView {
  Group group;
  std::size_t size = 0;
  // None: an outsider looks at a public group, and may see id, kind, name, description, size and
  // visibility only.
  Role role = Role::None;
  Time last_updated;
};

struct NewGroup {
  std::optional<Uuid> key;  // the client's; makes the call safe to repeat
  std::string name;
  std::string description;
  std::string metadata;  // a compact JSON object with sorted keys; empty: none
  Visibility visibility = Visibility::Private;
  HistoryRule history = HistoryRule::All;
  PostRule post = PostRule::Members;
  std::vector<std::string> members;  // bare names; the caller is the owner in any case
};

struct CreatedGroup {
  GroupView view;
  bool created = false;  // false: the same call was made before
};

// What to change; what is absent stays.
struct GroupPatch {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> metadata;
  std::optional<PostRule> post;
  std::optional<Visibility> visibility;  // this and the next: by owners only
  std::optional<HistoryRule> history;
};

// Groups that people make; the direct ones come into being by themselves (DirectGroups). To
// somebody who is not in a private group it does not exist. While the clock is out, changes are
// Unavailable. Safe from any thread.
class Groups {
 public:
  Groups(GroupStore& groups, MessageStore& messages, Directory& directory, Blocks& blocks,
         Ownership& ownership, GroupChanges& changes, Throttle& throttle,
         const ClockGuard& clock_guard, const Clock& clock);

  // Makes a group with the caller as owner. Members cost one write token each (the call itself is
  // the role's to charge). With a key that was used for the same body, completes what a crash may
  // have left undone and returns the group.
  //
  // Errors: InvalidRequest naming the field; UnknownUser and NotAccepted, with the member named in
  //         `fields`: then nothing was made; IdConflict (the key was used with another body, or its
  //         group was deleted); TooManyRequests; Unavailable
  Task<Result<CreatedGroup>> create(Caller caller, NewGroup wanted);

  // The groups that the caller is in, by id. Errors: InvalidRequest, InvalidCursor, Unavailable
  Task<Result<ListPage<GroupView>>> list(Caller caller, ListRequest request);

  // Errors: UnknownGroup, Unavailable
  Task<Result<GroupView>> find(Caller caller, GroupId group);

  // Errors: UnknownGroup, Forbidden (also every direct group), InvalidRequest naming the field,
  //         Unavailable
  Task<Result<GroupView>> patch(Caller caller, GroupId group, GroupPatch patch);

  // Errors: UnknownGroup (also when it is gone already), Forbidden, Unavailable
  Task<Result<void>> remove(Caller caller, GroupId group);

 private:
  using Users = std::vector<std::shared_ptr<const User>>;
  Task<Result<CreatedGroup>> repeat(Caller caller, NewGroup wanted, Group before);
  Task<Result<Users>> invited(Caller caller, std::vector<std::string> names, bool all);
  Task<Result<void>> add_once(Group created, Caller creator, Users others);
  Task<Result<GroupView>> view_of(Group group, Role role);
  Task<Result<Group>> store(GroupId id, std::function<void(Group&)> change);

  GroupStore& groups_;
  MessageStore& messages_;
  Directory& directory_;
  Blocks& blocks_;
  Ownership& ownership_;
  GroupChanges& changes_;
  Throttle& throttle_;
  const ClockGuard& clock_guard_;
  const Clock& clock_;
};

}  // namespace tidings
