#pragma once

#include <map>
#include <mutex>

#include "ports/group_store.h"

namespace tidings {

// Groups and their members in memory, for tests and for trying things out.
class MemoryGroupStore : public GroupStore {
 public:
  Task<Result<std::optional<Group>>> create(Group group) override;
  Task<Result<bool>> compare_and_set(Group group) override;
  Task<Result<std::optional<Group>>> find(GroupId group) override;
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override;
  Task<Result<std::optional<Member>>> find_member(GroupId group, UserId user) override;
  Task<Result<std::vector<Member>>> members(GroupId group, UserId after, std::size_t limit,
                                            Time changed_since) override;
  Task<Result<std::size_t>> count_members(GroupId group) override;
  Task<Result<std::vector<Membership>>> groups_of(UserId user, GroupId after,
                                                  std::size_t limit) override;

 private:
  std::mutex mutex_;
  std::map<GroupId, Group> groups_;
  std::map<GroupId, std::map<UserId, Member>> members_;
  std::map<UserId, std::map<GroupId, Membership>> memberships_;
};

}  // namespace tidings
