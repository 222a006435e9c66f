#include "adapters/cassandra/group_store.h"

#include <utility>

#include "model/limits.h"

namespace tidings::cassandra {
namespace {

// Others who come or go at the same time make a transaction fail that nobody contradicts.
constexpr int kTriesMax = 100;

constexpr std::string_view kFind =
    "SELECT kind, name, description, metadata, visibility, history, post, push, push_changed_at, "
    "created_at, created_by, deleted_at, creation_digest, version FROM groups WHERE group_id = ?";
constexpr std::string_view kCreate =
    "INSERT INTO groups (kind, name, description, metadata, visibility, history, post, push, "
    "push_changed_at, created_at, created_by, deleted_at, creation_digest, version, group_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS";
constexpr std::string_view kSet =
    "UPDATE groups SET kind = ?, name = ?, description = ?, metadata = ?, visibility = ?, "
    "history = ?, post = ?, push = ?, push_changed_at = ?, created_at = ?, created_by = ?, "
    "deleted_at = ?, creation_digest = ?, version = ? WHERE group_id = ? IF version = ?";

template <class Enum>
std::int8_t number_of(Enum value) {
  return static_cast<std::int8_t>(value);
}

// In the order of the statements above.
CqlValues values_of(const Group& group, std::uint64_t version) {
  return CqlValues()
      .int8(number_of(group.kind))
      .text(group.name)
      .text(group.description)
      .text(group.metadata)
      .int8(number_of(group.visibility))
      .int8(number_of(group.history))
      .int8(number_of(group.post))
      .boolean(group.push)
      .time(group.push_changed_at)
      .time(group.created_at)
      .uuid(group.created_by.value)
      .time(or_zero(group.deleted_at))
      .blob(group.creation_digest)
      .int64(static_cast<std::int64_t>(version))
      .uuid(group.id.value);
}

bool read_group(const CqlRow& row, Group& group) {
  group.name = row.text(1);
  group.description = row.text(2);
  group.metadata = row.text(3);
  group.push = row.boolean(7);
  group.push_changed_at = row.time(8);
  group.created_at = row.time(9);
  group.created_by = UserId{row.uuid(10)};
  group.deleted_at = unless_zero(row.time(11));
  group.creation_digest = row.blob(12);
  group.version = static_cast<std::uint64_t>(row.int64(13));
  return read_enum(row.int8(0), GroupKind::Direct, GroupKind::Group, group.kind) &&
         read_enum(row.int8(4), Visibility::Private, Visibility::Public, group.visibility) &&
         read_enum(row.int8(5), HistoryRule::All, HistoryRule::SinceJoined, group.history) &&
         read_enum(row.int8(6), PostRule::Members, PostRule::Moderators, group.post);
}

}  // namespace

Result<std::unique_ptr<CassandraGroupStore>> CassandraGroupStore::open(CqlSession& session,
                                                                       const Clock& clock) {
  std::unique_ptr<CassandraGroupStore> store(new CassandraGroupStore(session, clock));
  if (auto prepared = store->prepare(); !prepared) return forward(std::move(prepared));
  return store;
}

Result<void> CassandraGroupStore::prepare() {
  if (auto prepared = members_.prepare(); !prepared) return prepared;
  if (auto prepared = index_.prepare(); !prepared) return prepared;
  return session_.prepare(
      {{create_, kCreate, kTransaction}, {set_, kSet, kTransaction}, {find_, kFind, kRowRead}});
}

Task<Result<std::optional<Group>>> CassandraGroupStore::create(Group group) {
  const auto created = co_await session_.apply(create_, values_of(group, group.version));
  if (!created) co_return forward(created);
  if (*created) co_return std::optional<Group>();
  co_return co_await find(group.id);
}

Task<Result<bool>> CassandraGroupStore::compare_and_set(Group group) {
  CqlValues values = values_of(group, group.version + 1);
  values.int64(static_cast<std::int64_t>(group.version));
  co_return co_await session_.apply(set_, std::move(values));
}

Task<Result<std::optional<Group>>> CassandraGroupStore::find(GroupId group) {
  std::optional<Group> found;
  const auto rows = co_await session_.run(find_, CqlValues().uuid(group.value));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return found;
  found.emplace().id = group;
  if (!read_group((*rows)[0], *found)) co_return fail_damaged("groups", group.to_string());
  co_return found;
}

// A question in the index, the member, the answer in the index: MembershipIndex says why. Whoever
// finds another version there leaves the index to whoever stored that, or to the next reader.
Task<Result<bool>> CassandraGroupStore::compare_and_set_member(GroupId group, Member member) {
  const Instant deadline = session_.clock().monotonic() + kWriteDeadline;
  bool has_asked = false;
  for (int i = 0; i < kTriesMax && session_.clock().monotonic() < deadline; ++i) {
    const auto place = co_await members_.locate(group, member.user);
    if (!place) co_return forward(place);
    if (place->version != member.version) co_return false;
    if (!has_asked) {
      const auto asked = co_await index_.ask(member.user, group, member.version + 1);
      if (!asked) co_return forward(asked);
      has_asked = true;
    }
    const auto stored = co_await members_.store(group, member, *place);
    if (!stored) co_return forward(stored);
    if (*stored) {
      ++member.version;
      // If this fails, the question remains, and every reader answers it.
      static_cast<void>(co_await index_.settle(group, std::move(member)));
      co_return true;
    }
  }
  co_return fail(ErrorCode::Unavailable, "Too many come to or leave this group at once.");
}

Task<Result<std::optional<Member>>> CassandraGroupStore::find_member(GroupId group, UserId user) {
  return members_.find(group, user);
}

Task<Result<std::vector<Member>>> CassandraGroupStore::members(GroupId group, UserId after,
                                                               std::size_t limit,
                                                               Time changed_since) {
  return members_.page(group, after, limit, changed_since);
}

Task<Result<std::size_t>> CassandraGroupStore::count_members(GroupId group) {
  return members_.count(group);
}

Task<Result<std::vector<Membership>>> CassandraGroupStore::groups_of(UserId user, GroupId after,
                                                                     std::size_t limit) {
  std::vector<Membership> memberships;
  while (memberships.size() < limit) {
    const std::size_t wanted = limit - memberships.size();
    const auto entries = co_await index_.page(user, after, wanted);
    if (!entries) co_return forward(entries);
    for (const auto& [group, settled] : *entries) {
      after = group;
      if (settled) {
        memberships.push_back(*settled);
        continue;
      }
      const auto answered = co_await answer(user, group);
      if (!answered) co_return forward(answered);
      if (*answered) memberships.push_back(**answered);
    }
    if (entries->size() < wanted) break;
  }
  co_return memberships;
}

// What group_members says; nothing when somebody only set out to make this a member. If the row is
// still older than the question, the answer that is written here loses to the question.
Task<Result<std::optional<Membership>>> CassandraGroupStore::answer(UserId user, GroupId group) {
  const auto member = co_await members_.find(group, user);
  if (!member) co_return forward(member);
  if (!*member) co_return std::optional<Membership>();
  static_cast<void>(co_await index_.settle(group, **member));
  const Member& is = **member;
  co_return std::optional(Membership{group, is.role, is.joined_at, is.changed_at});
}

}  // namespace tidings::cassandra
