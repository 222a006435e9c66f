#include "core/acquaintances.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/limits.h"

namespace tidings {
namespace {

constexpr std::size_t kGroupsPerRead = 500;
constexpr std::size_t kGroupsMax = 10'000;

}  // namespace

Task<Result<std::vector<bool>>> Acquaintances::shared(UserId one, std::vector<UserId> others) {
  std::vector<bool> shared;
  std::optional<std::vector<GroupId>> groups_of_one;  // read once, when first needed
  for (const UserId other : others) {
    // Most who ask about somebody talk with them.
    const auto known = co_await talk(one, other);
    if (!known) co_return forward(known);
    if (*known) {
      shared.push_back(true);
      continue;
    }
    if (!groups_of_one) {
      auto groups = co_await groups_of(one);
      if (!groups) co_return forward(groups);
      groups_of_one = std::move(*groups);
    }
    const auto met = co_await meet(*groups_of_one, other);
    if (!met) co_return forward(met);
    shared.push_back(*met);
  }
  co_return shared;
}

// Whether both are in their direct group. Both are looked up since an ended account has left.
Task<Result<bool>> Acquaintances::talk(UserId one, UserId other) {
  if (one == other) co_return true;
  const GroupId direct = direct_group_id(one, other);
  for (const UserId user : {one, other}) {
    const auto standing = co_await directory_.standing(direct, user);
    if (standing) continue;
    if (standing.error().code != ErrorCode::UnknownGroup) co_return forward(standing);
    co_return false;
  }
  co_return true;
}

Task<Result<bool>> Acquaintances::meet(std::vector<GroupId> groups_of_one, UserId other) {
  const auto groups_of_other = co_await groups_of(other);
  if (!groups_of_other) co_return forward(groups_of_other);
  std::vector<GroupId> both;
  std::ranges::set_intersection(groups_of_one, *groups_of_other, std::back_inserter(both));
  for (const GroupId group : both) {
    const auto found = co_await directory_.group(group);
    if (found) co_return true;
    // Deleted groups stay in the index of their members.
    if (found.error().code != ErrorCode::UnknownGroup) co_return forward(found);
  }
  co_return false;
}

// Those that somebody is in, in the order of their ids.
Task<Result<std::vector<GroupId>>> Acquaintances::groups_of(UserId user) {
  std::vector<GroupId> groups;
  GroupId after{};
  for (std::size_t read = 0; read < kGroupsMax; read += kGroupsPerRead) {
    const auto page = co_await groups_.groups_of(user, after, kGroupsPerRead);
    if (!page) co_return forward(page);
    for (const Membership& membership : *page) {
      after = membership.group;
      if (membership.role != Role::None) groups.push_back(membership.group);
    }
    if (page->size() < kGroupsPerRead) break;
  }
  co_return groups;
}

}  // namespace tidings
