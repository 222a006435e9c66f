#include "core/directory.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "core/expiring_cache.h"

namespace tidings {
namespace {

// Until when something is remembered that in a direct group never changes.
Instant end_of_life(GroupKind kind, Instant now) {
  return kind == GroupKind::Direct ? Instant::max() : now + Directory::kLife;
}

constexpr std::size_t kListedMembersMax = 1'000;
// As long as a removal may take to be in force everywhere.
constexpr milliseconds kToldOfLeavingFor = seconds(5);

constexpr std::size_t kGroupsMax = 50'000;
constexpr std::size_t kStandingsMax = 200'000;
constexpr std::size_t kPairsMax = 100'000;
constexpr std::size_t kUsersMax = 100'000;
constexpr std::size_t kNamesMax = 100'000;
constexpr std::size_t kBlocksMax = 100'000;

struct Place {
  GroupId group;
  UserId user;
  bool operator==(const Place&) const = default;
};

std::size_t hash_of(const Place& place) {
  return std::hash<GroupId>()(place.group) * 31 + std::hash<UserId>()(place.user);
}

// Somebody, as seen by somebody who may have blocked them.
struct Pair {
  UserId blocker;
  UserId other;
  bool operator==(const Pair&) const = default;
};

// Whether these are both members of a direct group: its id says who they are.
bool is_whole_pair(const std::vector<Member>& members, GroupId group) {
  return members.size() == 2 && direct_group_id(members[0].user, members[1].user) == group;
}

// A group with a long description or much metadata counts as several small ones.
std::size_t weight_of(const Group& group) {
  return 1 + (group.name.size() + group.description.size() + group.metadata.size()) / 512;
}

}  // namespace
}  // namespace tidings

template <>
struct std::hash<tidings::Place> {
  std::size_t operator()(const tidings::Place& place) const noexcept {
    return tidings::hash_of(place);
  }
};
template <>
struct std::hash<tidings::Pair> {
  std::size_t operator()(const tidings::Pair& pair) const noexcept {
    return std::hash<tidings::UserId>()(pair.blocker) * 31 +
           std::hash<tidings::UserId>()(pair.other);
  }
};

namespace tidings {

struct Directory::Impl {
  using Groups = ExpiringCache<GroupId, Group>;
  using Users = ExpiringCache<UserId, User>;

  GroupStore& group_store;
  UserStore& user_store;
  const Clock& clock;

  Stamps group_stamps;
  Stamps standing_stamps;
  Stamps user_stamps;
  Groups groups{kGroupsMax};
  ExpiringCache<Place, Standing> standings{kStandingsMax};
  Users users{kUsersMax};
  // Whose a name is never changes, so it needs no stamp.
  ExpiringCache<std::string, UserId> names{kNamesMax};
  // Nor does who the two of a direct group are.
  ExpiringCache<GroupId, std::vector<Member>> pairs{kPairsMax};
  ExpiringCache<Pair, bool> blocks{kBlocksMax};

  Task<Result<Groups::Found>> read_group(GroupId group) {
    const std::uint64_t stamp = group_stamps.of(std::hash<GroupId>()(group));
    const Instant now = clock.monotonic();
    if (auto hit = groups.get(group, stamp, now)) co_return std::move(*hit);

    auto stored = co_await group_store.find(group);
    if (!stored) co_return forward(stored);
    if (!*stored || (*stored)->deleted_at) co_return fail(ErrorCode::UnknownGroup);
    const std::size_t weight = weight_of(**stored);
    const Instant until = end_of_life((*stored)->kind, now);
    Groups::Found found{std::make_shared<const Group>(std::move(**stored)), until};
    groups.put(group, found.value, stamp, found.until, weight);
    co_return found;
  }
};

Directory::Directory(GroupStore& groups, UserStore& users, const Clock& clock)
    : impl_(new Impl{.group_store = groups,
                     .user_store = users,
                     .clock = clock,
                     .group_stamps = {},
                     .standing_stamps = {},
                     .user_stamps = {}}) {}

Directory::~Directory() = default;

Task<Result<std::shared_ptr<const Standing>>> Directory::standing(GroupId group, UserId user) {
  const Place place{group, user};
  const std::uint64_t stamp = impl_->group_stamps.of(std::hash<GroupId>()(group)) +
                              impl_->standing_stamps.of(hash_of(place));
  const Instant now = impl_->clock.monotonic();
  if (auto hit = impl_->standings.get(place, stamp, now)) co_return std::move(hit->value);

  auto reading = both(impl_->read_group(group), impl_->group_store.find_member(group, user));
  auto [found, member] = co_await std::move(reading);
  if (!found) co_return forward(found);
  if (!member) co_return forward(member);
  if (!*member || !(*member)->is_in()) co_return fail(ErrorCode::UnknownGroup);

  auto standing = std::make_shared<const Standing>(Standing{*found->value, std::move(**member)});
  // The group may have been remembered for a while already.
  const Instant until = std::min(found->until, end_of_life(standing->group.kind, now));
  impl_->standings.put(place, standing, stamp, until, weight_of(standing->group));
  co_return standing;
}

Task<Result<std::shared_ptr<const Group>>> Directory::group(GroupId group) {
  auto found = co_await impl_->read_group(group);
  if (!found) co_return forward(found);
  co_return std::move(found->value);
}

Task<Result<std::shared_ptr<const std::vector<Member>>>> Directory::concerned(GroupId group) {
  if (auto hit = impl_->pairs.get(group, 0, impl_->clock.monotonic())) {
    co_return std::move(hit->value);
  }
  const Time changed_since = impl_->clock.now() - kToldOfLeavingFor;
  auto stored =
      co_await impl_->group_store.members(group, UserId{}, kListedMembersMax, changed_since);
  if (!stored) co_return forward(stored);
  auto members = std::make_shared<const std::vector<Member>>(std::move(*stored));
  if (is_whole_pair(*members, group)) impl_->pairs.put(group, members, 0, Instant::max());
  co_return members;
}

Task<Result<std::shared_ptr<const User>>> Directory::user(UserId user) {
  const std::uint64_t stamp = impl_->user_stamps.of(std::hash<UserId>()(user));
  const Instant now = impl_->clock.monotonic();
  if (auto hit = impl_->users.get(user, stamp, now)) co_return std::move(hit->value);

  auto stored = co_await impl_->user_store.find(user);
  if (!stored) co_return forward(stored);
  if (!*stored || (*stored)->ended_at) co_return fail(ErrorCode::UnknownUser);
  auto found = std::make_shared<const User>(std::move(**stored));
  impl_->users.put(user, found, stamp, now + kLife);
  co_return found;
}

Task<Result<std::shared_ptr<const User>>> Directory::user_by_name(std::string name) {
  const Instant now = impl_->clock.monotonic();
  if (const auto hit = impl_->names.get(name, 0, now)) co_return co_await user(*hit->value);

  auto stored = co_await impl_->user_store.find_by_name(name);
  if (!stored) co_return forward(stored);
  if (!*stored) co_return fail(ErrorCode::UnknownUser);
  const UserId id = (*stored)->id;
  impl_->names.put(std::move(name), std::make_shared<const UserId>(id), 0, Instant::max());
  co_return co_await user(id);
}

Task<Result<bool>> Directory::blocks(UserId blocker, UserId other) {
  const std::uint64_t stamp = impl_->user_stamps.of(std::hash<UserId>()(blocker));
  const Instant now = impl_->clock.monotonic();
  const Pair pair{blocker, other};
  if (const auto hit = impl_->blocks.get(pair, stamp, now)) co_return *hit->value;

  const auto stored = co_await impl_->user_store.is_blocked(blocker, other);
  if (!stored) co_return forward(stored);
  impl_->blocks.put(pair, std::make_shared<const bool>(*stored), stamp, now + kLife);
  co_return *stored;
}

void Directory::forget(GroupId group) { impl_->group_stamps.bump(std::hash<GroupId>()(group)); }

void Directory::forget(GroupId group, UserId member) {
  impl_->standing_stamps.bump(hash_of(Place{group, member}));
}

void Directory::forget(UserId user) { impl_->user_stamps.bump(std::hash<UserId>()(user)); }

Directory::Stats Directory::stats() const {
  Stats stats;
  const auto add = [&stats](const auto& cache) {
    stats.hits += cache.hits();
    stats.misses += cache.misses();
    stats.entries += cache.entries();
  };
  add(impl_->groups);
  add(impl_->standings);
  add(impl_->users);
  add(impl_->names);
  add(impl_->pairs);
  add(impl_->blocks);
  return stats;
}

}  // namespace tidings
