#include "core/groups.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "core/lost_race.h"
#include "core/policies.h"
#include "model/cursor.h"
#include "model/limits.h"

namespace tidings {
namespace {

Result<void> check_name(const std::string& name) {
  const auto length = utf8_length(name);
  if (length && *length >= 1 && *length <= kGroupNameCodePointsMax) return {};
  return fail_field("name", "must be 1 to 100 characters");
}

Result<void> check_description(const std::string& description) {
  const auto length = utf8_length(description);
  if (length && *length <= kGroupDescriptionCodePointsMax) return {};
  return fail_field("description", "must be at most 1,000 characters");
}

Result<void> check_metadata(const std::string& metadata) {
  if (metadata.size() <= kMetadataBytesMax) return {};
  return fail_field("metadata", "must be at most 4 KiB as compact JSON");
}

Result<void> check(const NewGroup& wanted) {
  if (auto valid = check_name(wanted.name); !valid) return valid;
  if (auto valid = check_description(wanted.description); !valid) return valid;
  if (auto valid = check_metadata(wanted.metadata); !valid) return valid;
  if (wanted.members.size() > kMembersAtCreationMax) {
    return fail_field("members", "must be at most 50; add the others afterwards");
  }
  return {};
}

Result<void> check(const GroupPatch& patch) {
  if (patch.name) {
    if (auto valid = check_name(*patch.name); !valid) return valid;
  }
  if (patch.description) {
    if (auto valid = check_description(*patch.description); !valid) return valid;
  }
  if (patch.metadata) {
    if (auto valid = check_metadata(*patch.metadata); !valid) return valid;
  }
  return {};
}

// What tells a repeat of a call from another call with its key. Members are a set.
std::string digest_of(const NewGroup& wanted) {
  std::vector<std::string> members = wanted.members;
  std::ranges::sort(members);
  members.erase(std::ranges::unique(members).begin(), members.end());
  std::string bytes;
  ByteWriter writer(bytes);
  writer.text(wanted.name);
  writer.text(wanted.description);
  writer.text(wanted.metadata);
  writer.u8(static_cast<std::uint8_t>(wanted.visibility));
  writer.u8(static_cast<std::uint8_t>(wanted.history));
  writer.u8(static_cast<std::uint8_t>(wanted.post));
  for (const std::string& member : members) {
    writer.text(member);
  }
  const Sha256 digest = sha256(bytes);
  return std::string(as_text(digest));
}

Group group_of(const Caller& caller, NewGroup wanted, GroupId id, std::string digest, Time now) {
  Group group;
  group.id = id;
  group.kind = GroupKind::Group;
  group.name = std::move(wanted.name);
  group.description = std::move(wanted.description);
  group.metadata = std::move(wanted.metadata);
  group.visibility = wanted.visibility;
  group.history = wanted.history;
  group.post = wanted.post;
  group.created_at = now;
  group.push_changed_at = now;
  group.created_by = caller.user;
  group.creation_digest = std::move(digest);
  return group;
}

void apply(const GroupPatch& patch, Group& group) {
  if (patch.name) group.name = *patch.name;
  if (patch.description) group.description = *patch.description;
  if (patch.metadata) group.metadata = *patch.metadata;
  if (patch.post) group.post = *patch.post;
  if (patch.visibility) group.visibility = *patch.visibility;
  if (patch.history) group.history = *patch.history;
}

// The same error, naming the member it is about.
Error about_member(Error error, std::size_t index) {
  error.fields.push_back({"members[" + std::to_string(index) + "]",
                          error.detail.empty() ? "there is no such person" : error.detail});
  return error;
}

}  // namespace

Groups::Groups(GroupStore& groups, MessageStore& messages, Directory& directory, Blocks& blocks,
               Ownership& ownership, GroupChanges& changes, Throttle& throttle,
               const ClockGuard& clock_guard, const Clock& clock)
    : groups_(groups),
      messages_(messages),
      directory_(directory),
      blocks_(blocks),
      ownership_(ownership),
      changes_(changes),
      throttle_(throttle),
      clock_guard_(clock_guard),
      clock_(clock) {}

Task<Result<CreatedGroup>> Groups::create(Caller caller, NewGroup wanted) {
  if (!clock_guard_.in()) co_return clock_is_out();
  const auto valid = check(wanted);
  if (!valid) co_return forward(valid);
  const GroupId id = wanted.key ? keyed_group_id(caller.user, *wanted.key) : GroupId{Uuid::v4()};
  const std::string digest = digest_of(wanted);
  if (wanted.key) {
    auto before = co_await groups_.find(id);
    if (!before) co_return forward(before);
    if (*before) co_return co_await repeat(std::move(caller), std::move(wanted), **before);
  }

  auto members = co_await invited(caller, wanted.members, /*all=*/true);
  if (!members) co_return forward(members);
  if (!members->empty()) {
    const auto cost = static_cast<std::uint32_t>(members->size());
    // The call has paid a token too. More than the bucket holds could never be paid.
    const ThrottlePolicy policy = write_policy(caller);
    if (cost >= policy.burst) {
      co_return fail_field("members", "Name at most " + std::to_string(policy.burst - 1) +
                                          " members here, and add the others one by one.");
    }
    const auto paid = co_await throttle_.take(caller.user, policy, cost);
    if (!paid) co_return forward(paid);
  }
  const Group group = group_of(caller, wanted, id, digest, clock_.now());
  auto before = co_await groups_.create(group);
  if (!before) co_return forward(before);
  if (*before) co_return co_await repeat(std::move(caller), std::move(wanted), **before);
  const auto joined = co_await add_once(group, caller, std::move(*members));
  if (!joined) co_return forward(joined);
  auto view = co_await view_of(group, Role::Owner);
  if (!view) co_return forward(view);
  co_return CreatedGroup{std::move(*view), true};
}

// The key was used before: by the same call, which may have ended half-way, or by another one.
Task<Result<CreatedGroup>> Groups::repeat(Caller caller, NewGroup wanted, Group before) {
  if (before.deleted_at) {
    co_return fail(ErrorCode::IdConflict, "The group with this key was deleted.");
  }
  if (before.creation_digest != digest_of(wanted)) {
    co_return fail(ErrorCode::IdConflict, "The key was used for a group with another body.");
  }
  const auto self = co_await groups_.find_member(before.id, caller.user);
  if (!self) co_return forward(self);
  if (*self && !(*self)->is_in()) co_return fail(ErrorCode::UnknownGroup);
  auto members = co_await invited(caller, wanted.members, /*all=*/false);
  if (!members) co_return forward(members);
  const auto joined = co_await add_once(before, caller, std::move(*members));
  if (!joined) co_return forward(joined);
  auto view = co_await view_of(std::move(before), *self ? (*self)->role : Role::Owner);
  if (!view) co_return forward(view);
  co_return CreatedGroup{std::move(*view), false};
}

// Those of `names` who exist and accept the caller's invitation; with `all`, anybody else is an
// error.
Task<Result<Groups::Users>> Groups::invited(Caller caller, std::vector<std::string> names,
                                            bool all) {
  Users users;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto user = co_await directory_.user_by_name(std::move(names[i]));
    if (!user && user.error().code == ErrorCode::UnknownUser) {
      if (all) co_return std::unexpected(about_member(std::move(user).error(), i));
      continue;
    }
    if (!user) co_return forward(user);
    if ((*user)->id == caller.user || std::ranges::find(users, *user) != users.end()) continue;
    auto accepted = co_await blocks_.check_accepted(caller.user, *user);
    if (!accepted && accepted.error().code == ErrorCode::NotAccepted) {
      if (all) co_return std::unexpected(about_member(std::move(accepted).error(), i));
      continue;
    }
    if (!accepted) co_return forward(accepted);
    users.push_back(std::move(*user));
  }
  co_return users;
}

// Adds the creator and the others, except those who are or once were in the group. They were there
// from the beginning.
Task<Result<void>> Groups::add_once(Group created, Caller creator, Users others) {
  const GroupId group = created.id;
  std::vector<Member> members;
  const Time began = created.created_at;
  const Time now = clock_.now();
  members.push_back({creator.user, creator.name, Role::Owner, began, now});
  for (const auto& other : others) {
    members.push_back({other->id, other->name, Role::Member, began, now});
  }
  // A call before may have broken off after it had stored them.
  bool changed = now - began < kFollowAgainWithin;
  for (Member& member : members) {
    const UserId user = member.user;
    const auto before = co_await groups_.find_member(group, user);
    if (!before) co_return forward(before);
    if (*before) continue;
    // Whoever is faster has decided about this member.
    const auto stored = co_await groups_.compare_and_set_member(group, std::move(member));
    if (!stored) co_return forward(stored);
    directory_.forget(group, user);
    changed = true;
  }
  // Fewer than would end the telling, so the size need not be followed.
  if (!changed) co_return {};
  co_return co_await changes_.group_changed(group);
}

Task<Result<GroupView>> Groups::view_of(Group group, Role role) {
  const auto size = co_await groups_.count_members(group.id);
  if (!size) co_return forward(size);
  std::vector<GroupId> ids{group.id};
  const auto heads = co_await messages_.heads(std::move(ids));
  if (!heads) co_return forward(heads);
  const Time last_updated = heads->front().value_or(group.created_at);
  co_return GroupView{std::move(group), *size, role, last_updated};
}

Task<Result<ListPage<GroupView>>> Groups::list(Caller caller, ListRequest request) {
  const auto start = start_of(request);
  if (!start) co_return forward(start);
  ListPage<GroupView> page;
  page.cursor = std::move(request.cursor);
  GroupId after{*start};
  for (;;) {
    const auto memberships = co_await groups_.groups_of(caller.user, after, request.limit + 1);
    if (!memberships) co_return forward(memberships);
    for (const Membership& membership : *memberships) {
      after = membership.group;
      if (membership.role == Role::None) continue;
      // group_members decides; the index may lag behind it.
      const auto standing = co_await directory_.standing(membership.group, caller.user);
      if (!standing && standing.error().code == ErrorCode::UnknownGroup) continue;
      if (!standing) co_return forward(standing);
      if (page.items.size() == request.limit) {
        page.more = true;
        co_return page;
      }
      auto view = co_await view_of((*standing)->group, (*standing)->member.role);
      if (!view) co_return forward(view);
      page.items.push_back(std::move(*view));
      page.cursor = encode_list_cursor(membership.group.value);
    }
    if (memberships->size() <= request.limit) co_return page;
  }
}

Task<Result<GroupView>> Groups::find(Caller caller, GroupId id) {
  const auto standing = co_await directory_.standing(id, caller.user);
  if (standing) co_return co_await view_of((*standing)->group, (*standing)->member.role);
  if (standing.error().code != ErrorCode::UnknownGroup) co_return forward(standing);
  const auto group = co_await directory_.group(id);
  if (!group) co_return forward(group);
  if ((*group)->visibility != Visibility::Public) co_return fail(ErrorCode::UnknownGroup);
  co_return co_await view_of(**group, Role::None);
}

Task<Result<GroupView>> Groups::patch(Caller caller, GroupId id, GroupPatch patch) {
  if (!clock_guard_.in()) co_return clock_is_out();
  const Role needed = patch.visibility || patch.history ? Role::Owner : Role::Moderator;
  const auto standing = co_await ownership_.standing_with(id, caller.user, needed);
  if (!standing) co_return forward(standing);
  const auto valid = check(patch);
  if (!valid) co_return forward(valid);

  std::function<void(Group&)> change = [patch = std::move(patch)](Group& group) {
    apply(patch, group);
  };
  auto changed = co_await store(id, std::move(change));
  if (!changed) co_return forward(changed);
  co_return co_await view_of(std::move(*changed), (*standing)->member.role);
}

Task<Result<void>> Groups::remove(Caller caller, GroupId id) {
  if (!clock_guard_.in()) co_return clock_is_out();
  const auto standing = co_await ownership_.standing_with(id, caller.user, Role::Owner);
  if (!standing) co_return forward(standing);
  std::function<void(Group&)> change = [now = clock_.now()](Group& group) {
    group.deleted_at = now;
  };
  const auto removed = co_await store(id, std::move(change));
  if (!removed) co_return forward(removed);
  co_return {};
}

// Makes a change of a group as it is now, whatever another worker changes at the same time.
Task<Result<Group>> Groups::store(GroupId id, std::function<void(Group&)> change) {
  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto found = co_await groups_.find(id);
    if (!found) co_return forward(found);
    if (!*found || (*found)->deleted_at) co_return fail(ErrorCode::UnknownGroup);
    Group changed = **found;
    change(changed);
    if (changed == **found) co_return changed;
    const auto stored = co_await groups_.compare_and_set(changed);
    if (!stored) co_return forward(stored);
    if (!*stored) continue;
    const auto told = co_await changes_.group_changed(id);
    if (!told) co_return forward(told);
    co_return changed;
  }
  co_return lost_every_race();
}

}  // namespace tidings
