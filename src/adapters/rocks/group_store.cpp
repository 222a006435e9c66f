#include "adapters/rocks/group_store.h"

#include <utility>

#include "adapters/rocks/table_read.h"

namespace tidings::rocks {
namespace {

constexpr std::size_t kIdBytes = 16;

StoredKey key_of(GroupId group) { return StoredKey().uuid(group.value); }

Group group_with(GroupId id) {
  Group group;
  group.id = id;
  return group;
}

Member member_with(UserId user) {
  Member member;
  member.user = user;
  return member;
}

class CreateGroup final : public WriteOperation {
 public:
  using Answer = std::optional<Group>;
  explicit CreateGroup(Group group) : group_(std::move(group)) {}

  Result<void> apply(Changes& changes) override {
    const auto key = key_of(group_.id);
    auto taken = read_record(changes, Table::Groups, key.view(), group_with(group_.id));
    if (!taken) return forward(std::move(taken));
    answer = std::move(*taken);
    if (!answer) changes.put(Table::Groups, key.view(), encode(group_));
    return {};
  }
  Answer answer;

 private:
  Group group_;
};

class SetGroup final : public WriteOperation {
 public:
  using Answer = bool;
  explicit SetGroup(Group group) : group_(std::move(group)) {}

  Result<void> apply(Changes& changes) override {
    const auto key = key_of(group_.id);
    auto stored = read_record(changes, Table::Groups, key.view(), group_with(group_.id));
    if (!stored) return forward(std::move(stored));
    answer = *stored && (*stored)->version == group_.version;
    if (!answer) return {};
    ++group_.version;
    changes.put(Table::Groups, key.view(), encode(group_));
    return {};
  }
  Answer answer = false;

 private:
  Group group_;
};

class SetMember final : public WriteOperation {
 public:
  using Answer = bool;
  SetMember(GroupId group, Member member) : group_(group), member_(std::move(member)) {}

  Result<void> apply(Changes& changes) override {
    const auto key = pair_key(group_.value, member_.user.value);
    auto earlier = read_record(changes, Table::Members, key.view(), member_with(member_.user));
    if (!earlier) return forward(std::move(earlier));
    answer = member_.version == (*earlier ? (*earlier)->version : 0);
    if (!answer) return {};
    auto stored_count = changes.get(Table::MemberCounts, key_of(group_).view());
    if (!stored_count) return forward(std::move(stored_count));
    auto count = *stored_count ? decode_u64(**stored_count) : std::optional<std::uint64_t>(0);
    if (!count) return fail_damaged(Table::MemberCounts, key_of(group_).view());

    const bool was_in = *earlier && (*earlier)->is_in();
    if (member_.is_in() && !was_in) ++*count;
    if (!member_.is_in() && was_in && *count > 0) --*count;
    ++member_.version;
    changes.put(Table::Members, key.view(), encode(member_));
    changes.put(Table::UserGroups, pair_key(member_.user.value, group_.value).view(),
                encode(Membership{group_, member_.role, member_.joined_at, member_.changed_at}));
    changes.put(Table::MemberCounts, key_of(group_).view(), encode_u64(*count));
    return {};
  }
  Answer answer = false;

 private:
  GroupId group_;
  Member member_;
};

Attempt<std::vector<Member>> scan_members(const Database& database, ReadTier tier, GroupId group,
                                          UserId after, std::size_t limit, Time changed_since) {
  std::vector<Member> members;
  std::optional<StoredKey> damaged;
  const auto status =
      for_each_after(database, tier, Table::Members, key_of(group).view(), after.value,
                     [&](std::string_view key, std::string_view value) {
                       Member member = member_with(UserId{uuid_at(key, kIdBytes)});
                       if (!decode(value, member)) damaged = StoredKey().raw(key);
                       if (is_listed(member, changed_since) && members.size() < limit)
                         members.push_back(std::move(member));
                       return !damaged && members.size() < limit;
                     });
  if (!status.ok()) return give_up<std::vector<Member>>(status);
  if (damaged) return fail_damaged(Table::Members, damaged->view());
  return members;
}

Attempt<std::vector<Membership>> scan_groups(const Database& database, ReadTier tier, UserId user,
                                             GroupId after, std::size_t limit) {
  std::vector<Membership> groups;
  std::optional<StoredKey> damaged;
  const auto status =
      for_each_after(database, tier, Table::UserGroups, StoredKey().uuid(user.value).view(),
                     after.value, [&](std::string_view key, std::string_view value) {
                       Membership membership;
                       membership.group = GroupId{uuid_at(key, kIdBytes)};
                       if (!decode(value, membership)) damaged = StoredKey().raw(key);
                       if (groups.size() < limit) groups.push_back(membership);
                       return !damaged && groups.size() < limit;
                     });
  if (!status.ok()) return give_up<std::vector<Membership>>(status);
  if (damaged) return fail_damaged(Table::UserGroups, damaged->view());
  return groups;
}

Attempt<std::size_t> read_count(const Database& database, ReadTier tier, GroupId group) {
  const auto key = key_of(group);
  rocksdb::PinnableSlice stored;
  const auto status = database.get(tier, Table::MemberCounts, key.view(), &stored);
  if (status.IsNotFound()) return std::size_t{0};
  if (!status.ok()) return give_up<std::size_t>(status);
  const auto count = decode_u64(view(stored));
  if (!count) return fail_damaged(Table::MemberCounts, key.view());
  return static_cast<std::size_t>(*count);
}

}  // namespace

Task<Result<std::optional<Group>>> RocksGroupStore::create(Group group) {
  return batcher_.run(CreateGroup(std::move(group)));
}

Task<Result<bool>> RocksGroupStore::compare_and_set(Group group) {
  return batcher_.run(SetGroup(std::move(group)));
}

Task<Result<std::optional<Group>>> RocksGroupStore::find(GroupId group) {
  return reader_.read<std::optional<Group>>([=, this](ReadTier tier) {
    return read_record(database_, tier, Table::Groups, key_of(group).view(), group_with(group));
  });
}

Task<Result<bool>> RocksGroupStore::compare_and_set_member(GroupId group, Member member) {
  return batcher_.run(SetMember(group, std::move(member)));
}

Task<Result<std::optional<Member>>> RocksGroupStore::find_member(GroupId group, UserId user) {
  return reader_.read<std::optional<Member>>([=, this](ReadTier tier) {
    return read_record(database_, tier, Table::Members, pair_key(group.value, user.value).view(),
                       member_with(user));
  });
}

Task<Result<std::vector<Member>>> RocksGroupStore::members(GroupId group, UserId after,
                                                           std::size_t limit, Time changed_since) {
  return reader_.read<std::vector<Member>>([=, this](ReadTier tier) {
    return scan_members(database_, tier, group, after, limit, changed_since);
  });
}

Task<Result<std::size_t>> RocksGroupStore::count_members(GroupId group) {
  return reader_.read<std::size_t>(
      [=, this](ReadTier tier) { return read_count(database_, tier, group); });
}

Task<Result<std::vector<Membership>>> RocksGroupStore::groups_of(UserId user, GroupId after,
                                                                 std::size_t limit) {
  return reader_.read<std::vector<Membership>>(
      [=, this](ReadTier tier) { return scan_groups(database_, tier, user, after, limit); });
}

}  // namespace tidings::rocks
