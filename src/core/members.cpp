#include "core/members.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/lost_race.h"
#include "model/cursor.h"

namespace tidings {
namespace {

// The role that it takes to move somebody from one role to another; Role::None is being outside.
Role needed_for(Role from, Role to, bool is_self) {
  if (is_self && to <= from) return Role::Reader;
  if (from <= Role::Member && to <= Role::Member && !is_self) return Role::Moderator;
  return Role::Owner;
}

std::unexpected<Error> last_owner() {
  return fail(ErrorCode::LastOwner, "Make somebody else an owner first.");
}

}  // namespace

Members::Members(GroupStore& groups, Directory& directory, Blocks& blocks, Ownership& ownership,
                 GroupChanges& changes, const ClockGuard& clock_guard, const Clock& clock)
    : groups_(groups),
      directory_(directory),
      blocks_(blocks),
      ownership_(ownership),
      changes_(changes),
      clock_guard_(clock_guard),
      clock_(clock) {}

Task<Result<ListPage<Member>>> Members::list(Caller caller, GroupId group, ListRequest request) {
  const auto standing = co_await directory_.standing(group, caller.user);
  if (!standing) co_return forward(standing);
  const auto start = start_of(request);
  if (!start) co_return forward(start);
  auto members = co_await groups_.members(group, UserId{*start}, request.limit + 1, Time::max());
  if (!members) co_return forward(members);

  ListPage<Member> page;
  page.more = members->size() > request.limit;
  if (page.more) members->resize(request.limit);
  page.cursor =
      members->empty() ? std::move(request.cursor) : encode_list_cursor(members->back().user.value);
  page.items = std::move(*members);
  co_return page;
}

Task<Result<Member>> Members::put(Caller caller, GroupId group, std::string name, Role role) {
  if (!clock_guard_.in()) co_return clock_is_out();
  // Whoever may do nothing here must not learn who exists.
  const auto standing = co_await ownership_.standing_with(group, caller.user, Role::Reader);
  if (!standing) co_return forward(standing);
  const auto user = co_await directory_.user_by_name(std::move(name));
  if (!user) co_return forward(user);
  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto member = co_await try_put(caller, group, *user, role);
    if (!member) co_return forward(member);
    if (*member) co_return std::move(**member);
  }
  co_return lost_every_race();
}

// Nothing: somebody else changed the member meanwhile, and the rules must be asked again.
Task<Result<std::optional<Member>>> Members::try_put(Caller caller, GroupId group,
                                                     std::shared_ptr<const User> user, Role role) {
  auto before = co_await groups_.find_member(group, user->id);
  if (!before) co_return forward(before);
  const Role from = *before ? (*before)->role : Role::None;
  const Role needed = needed_for(from, role, user->id == caller.user);
  const auto allowed = co_await ownership_.standing_with(group, caller.user, needed);
  if (!allowed) co_return forward(allowed);
  if (from == role) {
    const auto told = co_await changes_.member_found(group, **before);
    if (!told) co_return forward(told);
    co_return std::move(*before);
  }
  if (from == Role::Owner) {
    const auto owned = co_await ownership_.has_other_owner(group, user->id);
    if (!owned) co_return forward(owned);
    if (!*owned) co_return last_owner();
  }
  if (from == Role::None) {
    const auto accepted = co_await blocks_.check_accepted(caller.user, user);
    if (!accepted) co_return forward(accepted);
    co_return co_await store(group, newcomer(user->id, user->name, role, *before), from);
  }
  (*before)->role = role;
  (*before)->changed_at = clock_.now();
  co_return co_await store(group, std::move(**before), from);
}

Task<Result<void>> Members::remove(Caller caller, GroupId group, std::string name) {
  if (!clock_guard_.in()) co_return clock_is_out();
  const auto standing = co_await ownership_.standing_with(group, caller.user, Role::Reader);
  if (!standing) {
    const bool again = standing.error().code == ErrorCode::UnknownGroup && name == caller.name;
    if (!again) co_return forward(standing);
    co_return co_await left_before(std::move(caller), group);
  }
  const auto user = co_await directory_.user_by_name(std::move(name));
  if (!user) co_return forward(user);
  for (int i = 0; i < kRaceTriesMax; ++i) {
    const auto removed = co_await try_remove(caller, group, (*user)->id);
    if (!removed) co_return forward(removed);
    if (*removed) co_return {};
  }
  co_return lost_every_race();
}

// False: somebody else changed the member meanwhile, and the rules must be asked again.
Task<Result<bool>> Members::try_remove(Caller caller, GroupId group, UserId user) {
  auto before = co_await groups_.find_member(group, user);
  if (!before) co_return forward(before);
  const bool is_self = user == caller.user;
  const Role from = *before ? (*before)->role : Role::None;
  const Role needed = needed_for(from, Role::None, is_self);
  const auto allowed = co_await ownership_.standing_with(group, caller.user, needed);
  if (!allowed) co_return forward(allowed);
  if (from == Role::None) {
    if (!*before) co_return true;
    const auto told = co_await changes_.member_found(group, **before);
    if (!told) co_return forward(told);
    co_return true;
  }
  if (from == Role::Owner && is_self) {
    const auto owned = co_await ownership_.has_other_owner(group, user);
    if (!owned) co_return forward(owned);
    const auto size = co_await groups_.count_members(group);
    if (!size) co_return forward(size);
    if (!*owned && *size > 1) co_return last_owner();
  }

  (*before)->role = Role::None;
  (*before)->changed_at = clock_.now();
  const auto stored = co_await store(group, std::move(**before), from);
  if (!stored) co_return forward(stored);
  co_return stored->has_value();
}

// To whoever has left, a group that still exists may say so again; to all others it stays unknown.
Task<Result<void>> Members::left_before(Caller caller, GroupId id) {
  const auto group = co_await directory_.group(id);
  if (!group) co_return forward(group);
  const auto member = co_await groups_.find_member(id, caller.user);
  if (!member) co_return forward(member);
  if (!*member) co_return fail(ErrorCode::UnknownGroup);
  co_return co_await changes_.member_found(id, **member);
}

Task<Result<Member>> Members::join(Caller caller, GroupId id) {
  if (!clock_guard_.in()) co_return clock_is_out();
  const auto standing = co_await directory_.standing(id, caller.user);
  if (standing) {
    const auto told = co_await changes_.member_found(id, (*standing)->member);
    if (!told) co_return forward(told);
    co_return (*standing)->member;
  }
  if (standing.error().code != ErrorCode::UnknownGroup) co_return forward(standing);
  const auto group = co_await directory_.group(id);
  if (!group) co_return forward(group);
  if ((*group)->visibility != Visibility::Public) co_return fail(ErrorCode::UnknownGroup);

  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto before = co_await groups_.find_member(id, caller.user);
    if (!before) co_return forward(before);
    if (*before && (*before)->is_in()) co_return std::move(**before);
    Member member = newcomer(caller.user, caller.name, Role::Member, *before);
    auto stored = co_await store(id, std::move(member), Role::None);
    if (!stored) co_return forward(stored);
    if (*stored) co_return std::move(**stored);
  }
  co_return lost_every_race();
}

// Somebody who comes, perhaps after an earlier stay of which only the version counts.
Member Members::newcomer(UserId user, std::string name, Role role,
                         const std::optional<Member>& before) const {
  const Time now = clock_.now();
  return {user, std::move(name), role, now, now, before ? before->version : 0};
}

Task<Result<std::optional<Member>>> Members::store(GroupId group, Member member, Role from) {
  const auto stored = co_await groups_.compare_and_set_member(group, member);
  if (!stored) co_return forward(stored);
  if (!*stored) co_return std::optional<Member>();
  const auto told = co_await changes_.member_changed(group, member.user);
  if (!told) co_return forward(told);

  // Two owners who leave at the same moment see each other; the first into an empty group finds
  // nobody.
  const auto size = co_await groups_.count_members(group);
  if (!size) co_return forward(size);
  if (from == Role::Owner || *size == 1) {
    const auto owned = co_await ownership_.ensure_owner(group, std::nullopt);
    if (!owned) co_return forward(owned);
    auto now = co_await groups_.find_member(group, member.user);
    if (!now) co_return forward(now);
    if (*now) member = std::move(**now);
  }
  co_return std::optional(std::move(member));
}

}  // namespace tidings
