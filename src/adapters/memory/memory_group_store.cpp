#include "adapters/memory/memory_group_store.h"

#include <algorithm>
#include <utility>

namespace tidings {

Task<Result<std::optional<Group>>> MemoryGroupStore::create(Group group) {
  const std::scoped_lock lock(mutex_);
  const GroupId id = group.id;
  const auto [at, is_new] = groups_.try_emplace(id, std::move(group));
  co_return is_new ? std::nullopt : std::optional(at->second);
}

Task<Result<bool>> MemoryGroupStore::compare_and_set(Group group) {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group.id);
  if (found == groups_.end() || found->second.version != group.version) co_return false;
  ++group.version;
  found->second = std::move(group);
  co_return true;
}

Task<Result<std::optional<Group>>> MemoryGroupStore::find(GroupId group) {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group);
  co_return found == groups_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<bool>> MemoryGroupStore::compare_and_set_member(GroupId group, Member member) {
  const std::scoped_lock lock(mutex_);
  auto& members = members_[group];
  const auto found = members.find(member.user);
  if (member.version != (found == members.end() ? 0 : found->second.version)) co_return false;
  ++member.version;
  memberships_[member.user].insert_or_assign(
      group, Membership{group, member.role, member.joined_at, member.changed_at});
  members.insert_or_assign(member.user, std::move(member));
  co_return true;
}

Task<Result<std::optional<Member>>> MemoryGroupStore::find_member(GroupId group, UserId user) {
  const std::scoped_lock lock(mutex_);
  const auto& members = members_[group];
  const auto found = members.find(user);
  co_return found == members.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<std::vector<Member>>> MemoryGroupStore::members(GroupId group, UserId after,
                                                            std::size_t limit, Time changed_since) {
  const std::scoped_lock lock(mutex_);
  std::vector<Member> found;
  const auto& members = members_[group];
  for (auto at = members.upper_bound(after); at != members.end() && found.size() < limit; ++at) {
    if (is_listed(at->second, changed_since)) found.push_back(at->second);
  }
  co_return found;
}

Task<Result<std::size_t>> MemoryGroupStore::count_members(GroupId group) {
  const std::scoped_lock lock(mutex_);
  const auto count = std::ranges::count_if(members_[group],
                                           [](const auto& entry) { return entry.second.is_in(); });
  co_return static_cast<std::size_t>(count);
}

Task<Result<std::vector<Membership>>> MemoryGroupStore::groups_of(UserId user, GroupId after,
                                                                  std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::vector<Membership> found;
  const auto& groups = memberships_[user];
  for (auto at = groups.upper_bound(after); at != groups.end() && found.size() < limit; ++at) {
    found.push_back(at->second);
  }
  co_return found;
}

}  // namespace tidings
