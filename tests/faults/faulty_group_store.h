#pragma once

#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ports/group_store.h"
#include "tests/faults/fault.h"

namespace tidings {

// A group store that, with Fault::SkipMembershipCheck, looks who is in a group only the first time
// that it is asked about it; from then on everybody is.
class FaultyGroupStore final : public GroupStore {
 public:
  FaultyGroupStore(GroupStore& store, Fault fault) : store_(store), fault_(fault) {}

  Task<Result<std::optional<Group>>> create(Group group) override {
    return store_.create(std::move(group));
  }
  Task<Result<bool>> compare_and_set(Group group) override {
    return store_.compare_and_set(std::move(group));
  }
  Task<Result<std::optional<Group>>> find(GroupId group) override { return store_.find(group); }
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override {
    return store_.compare_and_set_member(group, std::move(member));
  }
  Task<Result<std::optional<Member>>> find_member(GroupId group, UserId user) override {
    auto found = co_await store_.find_member(group, user);
    const bool is_known = remember(group);
    const bool is_in = !found || (*found && (*found)->is_in());
    if (fault_ != Fault::SkipMembershipCheck || !is_known || is_in) co_return found;
    Member intruder;
    intruder.user = user;
    co_return std::optional(std::move(intruder));
  }
  Task<Result<std::vector<Member>>> members(GroupId group, UserId after, std::size_t limit,
                                            Time changed_since) override {
    return store_.members(group, after, limit, changed_since);
  }
  Task<Result<std::size_t>> count_members(GroupId group) override {
    return store_.count_members(group);
  }
  Task<Result<std::vector<Membership>>> groups_of(UserId user, GroupId after,
                                                  std::size_t limit) override {
    return store_.groups_of(user, after, limit);
  }

 private:
  // Whether it was remembered before.
  bool remember(GroupId group) {
    const std::scoped_lock lock(mutex_);
    return !known_.insert(group).second;
  }

  GroupStore& store_;
  const Fault fault_;
  std::mutex mutex_;
  std::unordered_set<GroupId> known_;
};

}  // namespace tidings
