#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/group_changes.h"
#include "core/ownership.h"
#include "core/sessions.h"
#include "model/user.h"
#include "ports/group_store.h"
#include "ports/message_store.h"
#include "ports/session_store.h"
#include "ports/user_store.h"

namespace tidings {

// Ends accounts: at once for everybody who looks, and then, as a job, by erasing the bodies of all
// messages that the account wrote. The name stays taken for ever.
//
// A job waits until no worker believes the account's tokens any more, and is found again after a
// restart by the account itself: ended, but not erased. Safe from any thread.
class EndAccount {
 public:
  EndAccount(UserStore& users, GroupStore& groups, MessageStore& messages, SessionStore& keys,
             Sessions& sessions, Directory& directory, Ownership& ownership, GroupChanges& changes,
             const Clock& clock);

  // Ends the caller's account, sessions and memberships (ownership passes on) and leaves its
  // messages to the job. Once this succeeded, nothing stops it.
  //
  // Errors: Unavailable
  Task<Result<void>> end(Caller caller);

  // Finds the jobs that an earlier process left. Called at the start. Errors: Unavailable
  Task<Result<void>> find_unfinished();

  // Does the jobs that are due, one after the other; what fails is tried again by the next call.
  // Returns how many were finished. Called each second, never twice at a time.
  Task<std::size_t> run_due();

  std::size_t waiting() const;

 private:
  void enqueue(UserId user, Time due);
  std::optional<UserId> take_due();
  Task<Result<void>> finish(UserId user);
  Task<Result<void>> leave_everything(UserId user);
  Task<Result<void>> leave(GroupId group, UserId user);
  Task<Result<void>> erase_messages(UserId user);
  Task<Result<void>> erase_in(GroupId group, UserId user);

  UserStore& users_;
  GroupStore& groups_;
  MessageStore& messages_;
  SessionStore& keys_;
  Sessions& sessions_;
  Directory& directory_;
  Ownership& ownership_;
  GroupChanges& changes_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<UserId, Time> jobs_;  // when each is due
};

}  // namespace tidings
