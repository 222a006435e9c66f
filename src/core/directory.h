#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "model/group.h"
#include "model/user.h"
#include "ports/group_store.h"
#include "ports/user_store.h"

namespace tidings {

// A member's place in a group.
struct Standing {
  Group group;
  Member member;
};

// Remembers groups, members and users, so that the hot paths do not read them from the store each
// time. What it says is at most kLife old (removal must take effect on every worker within 5 s) and
// newer after `forget`; what it does not find it does not remember.
//
// A direct group and its two members are fixed, so they are remembered for as long as there is
// room. Only the end of an account takes somebody out of one, and who has ended is refused before
// anybody asks for their place.
//
// Bounded in entries; safe from any thread.
class Directory {
 public:
  // Removal must take effect within 5 s; the rest is left for the request that is under way.
  static constexpr milliseconds kLife = seconds(4);

  struct Stats {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::size_t entries = 0;
  };

  Directory(GroupStore& groups, UserStore& users, const Clock& clock);
  ~Directory();

  // Errors: UnknownGroup   there is none, it was deleted, or `user` is not in it: the three are not
  // told apart
  //         Unavailable
  Task<Result<std::shared_ptr<const Standing>>> standing(GroupId group, UserId user);

  // Errors: UnknownGroup (none, or deleted), Unavailable
  Task<Result<std::shared_ptr<const Group>>> group(GroupId group);

  // Whom a change of a group concerns: all who are in it, or left it in the last 5 s, if they are
  // at most 1,000; else the first 1,000 by user id. Read anew each time, unless it is a direct
  // group: somebody who was added, perhaps by another worker, is to hear of what is said next.
  // Errors: Unavailable
  Task<Result<std::shared_ptr<const std::vector<Member>>>> concerned(GroupId group);

  // Errors: UnknownUser (none, or the account has ended), Unavailable
  Task<Result<std::shared_ptr<const User>>> user(UserId user);
  Task<Result<std::shared_ptr<const User>>> user_by_name(std::string name);

  // Whether `blocker` has blocked `other`. Errors: Unavailable
  Task<Result<bool>> blocks(UserId blocker, UserId other);

  // Whoever changed something in the store says so, so that this process sees it at once.
  void forget(GroupId group);
  void forget(GroupId group, UserId member);
  void forget(UserId user);  // and whom they block

  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
