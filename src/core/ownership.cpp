#include "core/ownership.h"

#include <tuple>
#include <utility>

#include "core/lost_race.h"

namespace tidings {
namespace {

constexpr std::size_t kMembersPerRead = 500;
constexpr std::size_t kOwnedMax = 20'000;
constexpr milliseconds kOwnedFor = seconds(60);

bool comes_before(const Member& one, const Member& other) {
  return std::tuple(other.role, one.joined_at, one.user) <
         std::tuple(one.role, other.joined_at, other.user);
}

}  // namespace

Ownership::Ownership(GroupStore& groups, Directory& directory, GroupChanges& changes,
                     const Clock& clock)
    : groups_(groups), directory_(directory), changes_(changes), clock_(clock), owned_(kOwnedMax) {}

Task<Result<std::shared_ptr<const Standing>>> Ownership::standing_with(GroupId group, UserId user,
                                                                       Role needed) {
  auto standing = co_await directory_.standing(group, user);
  if (!standing) co_return forward(standing);
  if ((*standing)->group.kind == GroupKind::Direct) {
    co_return fail(ErrorCode::Forbidden, "A direct group belongs to both and is fixed.");
  }
  if ((*standing)->member.role >= needed) co_return standing;

  const Instant now = clock_.monotonic();
  if (!owned_.get(group, 0, now)) {
    const auto changed = co_await ensure_owner(group, std::nullopt);
    if (!changed) co_return forward(changed);
    owned_.put(group, std::make_shared<const bool>(true), 0, now + kOwnedFor);
    standing = co_await directory_.standing(group, user);
    if (!standing) co_return forward(standing);
    if ((*standing)->member.role >= needed) co_return standing;
  }
  co_return fail(ErrorCode::Forbidden, "Your role in this group does not allow it.");
}

Task<Result<bool>> Ownership::ensure_owner(GroupId group, std::optional<UserId> leaving) {
  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto found = co_await look(group, leaving);
    if (!found) co_return forward(found);
    if (found->has_owner || !found->heir) co_return false;
    Member heir = std::move(*found->heir);
    const UserId user = heir.user;
    heir.role = Role::Owner;
    heir.changed_at = clock_.now();
    const auto stored = co_await groups_.compare_and_set_member(group, std::move(heir));
    if (!stored) co_return forward(stored);
    if (!*stored) continue;
    const auto told = co_await changes_.member_changed(group, user);
    if (!told) co_return forward(told);
    co_return true;
  }
  co_return lost_every_race();
}

Task<Result<bool>> Ownership::has_other_owner(GroupId group, UserId user) {
  const auto found = co_await look(group, user);
  if (!found) co_return forward(found);
  co_return found->has_owner;
}

Task<Result<Ownership::Candidates>> Ownership::look(GroupId group, std::optional<UserId> leaving) {
  Candidates found;
  UserId after{};
  for (;;) {
    auto members = co_await groups_.members(group, after, kMembersPerRead, Time::max());
    if (!members) co_return forward(members);
    for (Member& member : *members) {
      after = member.user;
      if (member.user == leaving) continue;
      if (member.role == Role::Owner) {
        found.has_owner = true;
        co_return found;
      }
      if (!found.heir || comes_before(member, *found.heir)) found.heir = std::move(member);
    }
    if (members->size() < kMembersPerRead) co_return found;
  }
}

}  // namespace tidings
