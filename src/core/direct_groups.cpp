#include "core/direct_groups.h"

#include <utility>

#include "base/parallel.h"

namespace tidings {

Task<Result<void>> DirectGroups::check_accepted(UserId from, UserId to) {
  if (from == to) co_return Result<void>();
  auto reading = both(directory_.user(to), directory_.blocks(to, from));
  const auto [person, blocked] = co_await std::move(reading);
  // Somebody whose account has ended has nothing against it, and will not read it.
  if (!person && person.error().code == ErrorCode::UnknownUser) co_return Result<void>();
  if (!person) co_return forward(person);
  if (!blocked) co_return forward(blocked);
  if (*blocked || !(*person)->accepts_direct) {
    co_return fail(ErrorCode::NotAccepted, "This person does not take direct messages from you.");
  }
  co_return Result<void>();
}

Task<Result<std::shared_ptr<const Standing>>> DirectGroups::make(
    Caller caller, std::shared_ptr<const User> other) {
  const Time now = clock_.now();
  Group group;
  group.id = direct_group_id(caller.user, other->id);
  group.kind = GroupKind::Direct;
  group.push_changed_at = now;
  group.created_at = now;
  group.created_by = caller.user;
  const GroupId id = group.id;

  // The group last: until it is there it has no standing, so whoever finds one finds both members.
  auto put = co_await put_member_once(id, caller.user, caller.name, now);
  if (!put) co_return forward(put);
  if (other->id != caller.user) {
    put = co_await put_member_once(id, other->id, other->name, now);
    if (!put) co_return forward(put);
  }
  const auto created = co_await groups_.create(std::move(group));
  if (!created) co_return forward(created);
  directory_.forget(id);
  co_return co_await directory_.standing(id, caller.user);
}

Task<Result<void>> DirectGroups::put_member_once(GroupId group, UserId user, std::string name,
                                                 Time now) {
  const auto there = co_await groups_.find_member(group, user);
  if (!there) co_return forward(there);
  if (*there && (*there)->is_in()) co_return Result<void>();
  Member member;
  member.version = *there ? (*there)->version : 0;
  member.user = user;
  member.user_name = std::move(name);
  member.joined_at = now;
  member.changed_at = now;
  // Whoever is faster makes the same group.
  const auto stored = co_await groups_.compare_and_set_member(group, std::move(member));
  if (!stored) co_return forward(stored);
  co_return Result<void>();
}

}  // namespace tidings
