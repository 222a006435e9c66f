#include "adapters/cassandra/member_table.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

constexpr std::int32_t kFirstShardRowsMax = 1'000;
constexpr std::int64_t kShards = 257;  // 0, and one for each first byte of an id

// Of the shards from 1 on, one is read first, then twice as many as long as they hold little.
constexpr std::int64_t kShardsPerReadMax = 64;
// Rows of those who have left are read over.
constexpr std::size_t kRowsPerReadMin = 100;
constexpr std::size_t kRowsPerReadMax = 1'000;

constexpr milliseconds kSizeLife = seconds(5);
constexpr std::size_t kSizesMax = 10'000;

std::int64_t later_shard_of(UserId user) { return 1 + user.value.bytes[0]; }

std::int32_t rows_per_read(std::size_t wanted) {
  return static_cast<std::int32_t>(std::clamp(wanted, kRowsPerReadMin, kRowsPerReadMax));
}

std::vector<std::int64_t> shards_between(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> shards;
  for (std::int64_t shard = from; shard < to; ++shard) shards.push_back(shard);
  return shards;
}

// The columns of a member in all reads, in this order; then come others.
constexpr std::string_view kMemberColumns =
    "user_id, user_name, role, joined_at, changed_at, version";
constexpr std::size_t kMemberColumnCount = 6;

bool read_member(const CqlRow& row, Member& member) {
  member.user = UserId{row.uuid(0)};
  member.user_name = row.text(1);
  member.joined_at = row.time(3);
  member.changed_at = row.time(4);
  member.version = static_cast<std::uint64_t>(row.int64(5));
  return read_enum(row.int8(2), Role::None, Role::Owner, member.role);
}

std::unexpected<Error> fail_damaged_member(GroupId group) {
  return fail_damaged("group_members", group.to_string());
}

CqlValues values_of(const Member& member) {
  return CqlValues()
      .text(member.user_name)
      .int8(static_cast<std::int8_t>(member.role))
      .time(member.joined_at)
      .time(member.changed_at)
      .int64(static_cast<std::int64_t>(member.version + 1));
}

constexpr std::string_view kSetMember =
    "UPDATE group_members SET user_name = ?, role = ?, joined_at = ?, changed_at = ?, version = ?";
constexpr std::string_view kWhereMember = " WHERE group_id = ? AND shard = ? AND user_id = ?";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  return text;
}

}  // namespace

Result<void> MemberTable::prepare() {
  const std::string find =
      joined({"SELECT ", kMemberColumns, ", rows, size FROM group_members", kWhereMember});
  // A partition may have rows and no columns of its own only if it has no rows.
  const std::string_view tally =
      "SELECT rows, size FROM group_members WHERE group_id = ? AND shard = ? LIMIT 1";
  const std::string list_first =
      joined({"SELECT ", kMemberColumns, ", rows FROM group_members",
              " WHERE group_id = ? AND shard = 0 AND user_id > ? LIMIT ?"});
  const std::string list_rest =
      joined({"SELECT ", kMemberColumns, " FROM group_members",
              " WHERE group_id = ? AND shard IN ? AND user_id > ? PER PARTITION LIMIT ?"});
  const std::string_view sizes =
      "SELECT size FROM group_members WHERE group_id = ? AND shard IN ? PER PARTITION LIMIT 1";
  const std::string insert_first = joined(
      {kSetMember, ", rows = ?, size = ?", kWhereMember, " IF version = null AND rows = null"});
  const std::string insert = joined({kSetMember, ", rows = ?, size = ?", kWhereMember,
                                     " IF version = null AND rows = ? AND size = ?"});
  const std::string move =
      joined({kSetMember, ", size = ?", kWhereMember, " IF version = ? AND size = ?"});
  const std::string set = joined({kSetMember, kWhereMember, " IF version = ?"});
  return session_.prepare({{find_, find, kRowRead},
                           {tally_, tally, kRowRead},
                           {list_first_, list_first, kListRead},
                           {list_rest_, list_rest, kListRead},
                           {sizes_, sizes, kListRead},
                           {insert_first_, insert_first, kTransaction},
                           {insert_, insert, kTransaction},
                           {move_, move, kTransaction},
                           {set_, set, kTransaction}});
}

Task<Result<std::optional<Member>>> MemberTable::find(GroupId group, UserId user) {
  // Nearly everybody is in shard 0; whoever is not may be a stranger, or in a large group.
  for (const std::int64_t shard : std::array{std::int64_t{0}, later_shard_of(user)}) {
    auto found = co_await find_in(group, shard, user);
    if (!found) co_return forward(found);
    if (*found) co_return std::optional(std::move((*found)->first));
  }
  co_return std::optional<Member>();
}

Task<Result<std::optional<std::pair<Member, MemberTable::Tally>>>> MemberTable::find_in(
    GroupId group, std::int64_t shard, UserId user) {
  std::optional<std::pair<Member, Tally>> found;
  const auto rows =
      co_await session_.run(find_, CqlValues().uuid(group.value).int64(shard).uuid(user.value));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return found;
  const CqlRow row = (*rows)[0];
  auto& [member, tally] = found.emplace();
  if (!read_member(row, member)) co_return fail_damaged_member(group);
  tally = {row.int32(kMemberColumnCount), row.int32(kMemberColumnCount + 1)};
  co_return found;
}

Task<Result<MemberTable::Tally>> MemberTable::tally(GroupId group, std::int64_t shard) {
  const auto rows = co_await session_.run(tally_, CqlValues().uuid(group.value).int64(shard));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return Tally{};
  co_return Tally{(*rows)[0].int32(0), (*rows)[0].int32(1)};
}

Task<Result<MemberTable::Place>> MemberTable::locate(GroupId group, UserId user) {
  auto first = co_await locate_in(group, 0, user);
  if (!first) co_return forward(first);
  if (first->version != 0 || first->rows < kFirstShardRowsMax) co_return first;
  co_return co_await locate_in(group, later_shard_of(user), user);
}

Task<Result<MemberTable::Place>> MemberTable::locate_in(GroupId group, std::int64_t shard,
                                                        UserId user) {
  auto [found, counted] = co_await both(find_in(group, shard, user), tally(group, shard));
  if (!found) co_return forward(found);
  if (!counted) co_return forward(counted);
  if (!*found) co_return Place{shard, 0, false, counted->rows, counted->size};
  // Of the two reads the one that saw the row says what stood beside it.
  const auto& [member, beside] = **found;
  co_return Place{shard, member.version, member.is_in(), beside.rows, beside.size};
}

Task<Result<bool>> MemberTable::store(GroupId group, Member member, Place place) {
  CqlValues values = values_of(member);
  const auto at_place = [&] {
    values.uuid(group.value).int64(place.shard).uuid(member.user.value);
  };
  const bool is_new = place.version == 0;
  const std::int32_t change =
      static_cast<std::int32_t>(member.is_in()) - static_cast<std::int32_t>(place.is_in);
  CqlStatement statement = set_;
  if (is_new) {
    values.int32(place.rows + 1).int32(place.size + change);
    at_place();
    statement = insert_first_;
    if (place.rows > 0) {
      statement = insert_;
      values.int32(place.rows).int32(place.size);
    }
  } else if (change != 0) {
    statement = move_;
    values.int32(place.size + change);
    at_place();
    values.int64(static_cast<std::int64_t>(place.version)).int32(place.size);
  } else {
    at_place();
    values.int64(static_cast<std::int64_t>(place.version));
  }
  const auto applied = co_await session_.apply(statement, std::move(values));
  if (place.shard != 0) forget_size(group);
  co_return applied;
}

Task<Result<std::vector<Member>>> MemberTable::page(GroupId group, UserId after, std::size_t limit,
                                                    Time changed_since) {
  auto first = co_await list_first(group, after, limit, changed_since);
  if (!first) co_return forward(first);
  if (!first->rows) {
    const auto counted = co_await tally(group, 0);
    if (!counted) co_return forward(counted);
    first->rows = counted->rows;
  }
  if (*first->rows < kFirstShardRowsMax) co_return std::move(first->members);

  auto rest = co_await list_rest(group, after, limit, changed_since);
  if (!rest) co_return forward(rest);
  std::vector<Member> members;
  members.reserve(first->members.size() + rest->size());
  std::ranges::merge(first->members, *rest, std::back_inserter(members), {}, &Member::user,
                     &Member::user);
  if (members.size() > limit) members.resize(limit);
  co_return members;
}

Task<Result<MemberTable::Listed>> MemberTable::list_first(GroupId group, UserId after,
                                                          std::size_t limit, Time changed_since) {
  Listed listed;
  while (listed.members.size() < limit) {
    const std::int32_t wanted = rows_per_read(limit - listed.members.size());
    const auto rows = co_await session_.run(
        list_first_, CqlValues().uuid(group.value).uuid(after.value).int32(wanted));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      Member member;
      if (!read_member((*rows)[i], member)) co_return fail_damaged_member(group);
      listed.rows = (*rows)[i].int32(kMemberColumnCount);
      after = member.user;
      if (is_listed(member, changed_since) && listed.members.size() < limit)
        listed.members.push_back(std::move(member));
    }
    if (rows->size() < static_cast<std::size_t>(wanted)) break;
  }
  co_return listed;
}

Task<Result<std::vector<Member>>> MemberTable::list_rest(GroupId group, UserId after,
                                                         std::size_t limit, Time changed_since) {
  std::vector<Member> listed;
  std::int64_t shard = later_shard_of(after);
  std::int64_t run = 1;
  while (listed.size() < limit && shard < kShards) {
    const std::int64_t end = std::min(shard + run, kShards);
    const std::int32_t wanted = rows_per_read(limit - listed.size());
    const auto rows = co_await session_.run(list_rest_, CqlValues()
                                                            .uuid(group.value)
                                                            .int64s(shards_between(shard, end))
                                                            .uuid(after.value)
                                                            .int32(wanted));
    if (!rows) co_return forward(rows);
    std::vector<Member> read(rows->size());
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (!read_member((*rows)[i], read[i])) co_return fail_damaged_member(group);
    }
    std::ranges::sort(read, {}, &Member::user);  // partitions come in no order
    const bool held_little = read.size() < static_cast<std::size_t>(wanted);

    std::int64_t next = end;
    std::int32_t rows_of_shard = 0;
    for (Member& member : read) {
      const bool is_same = later_shard_of(member.user) == shard;
      rows_of_shard = is_same ? rows_of_shard + 1 : 1;
      shard = later_shard_of(member.user);
      after = member.user;
      if (is_listed(member, changed_since) && listed.size() < limit)
        listed.push_back(std::move(member));
      if (rows_of_shard == wanted) {  // it may hold more, which come before those of later shards
        next = shard;
        break;
      }
    }
    shard = next;
    if (held_little) run = std::min(run * 2, kShardsPerReadMax);
  }
  co_return listed;
}

Task<Result<std::size_t>> MemberTable::count(GroupId group) {
  const auto first = co_await tally(group, 0);
  if (!first) co_return forward(first);
  const auto size = static_cast<std::size_t>(first->size);
  if (first->rows < kFirstShardRowsMax) co_return size;
  const auto rest = co_await count_rest(group);
  if (!rest) co_return forward(rest);
  co_return size + *rest;
}

Task<Result<std::size_t>> MemberTable::count_rest(GroupId group) {
  if (const auto recent = recent_size(group)) co_return *recent;
  std::size_t size = 0;
  for (std::int64_t shard = 1; shard < kShards; shard += kShardsPerReadMax) {
    const auto shards = shards_between(shard, std::min(shard + kShardsPerReadMax, kShards));
    const auto rows = co_await session_.run(sizes_, CqlValues().uuid(group.value).int64s(shards));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i)
      size += static_cast<std::size_t>((*rows)[i].int32(0));
  }
  remember_size(group, size);
  co_return size;
}

std::optional<std::size_t> MemberTable::recent_size(GroupId group) {
  const std::scoped_lock lock(mutex_);
  const auto found = recent_sizes_.find(group);
  if (found == recent_sizes_.end() || found->second.until < session_.clock().monotonic())
    return std::nullopt;
  return found->second.size;
}

void MemberTable::remember_size(GroupId group, std::size_t size) {
  const std::scoped_lock lock(mutex_);
  if (recent_sizes_.size() >= kSizesMax) recent_sizes_.clear();
  recent_sizes_.insert_or_assign(group, RecentSize{size, session_.clock().monotonic() + kSizeLife});
}

void MemberTable::forget_size(GroupId group) {
  const std::scoped_lock lock(mutex_);
  recent_sizes_.erase(group);
}

}  // namespace tidings::cassandra
