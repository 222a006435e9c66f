#include "adapters/cassandra/membership_index.h"

#include <string>
#include <utility>

#include "base/bytes.h"

namespace tidings::cassandra {
namespace {

constexpr std::uint8_t kVersion = 1;

// In one column: of two writes with one timestamp the greater value wins as a whole.
//
//   version 1 | role 1 | joined_at 8 | changed_at 8; a question is empty
std::string encode(const Member& member) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(member.role));
  writer.time(member.joined_at);
  writer.time(member.changed_at);
  return bytes;
}

bool decode(std::string_view bytes, Membership& membership) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  const auto role = static_cast<std::int8_t>(reader.u8());
  membership.joined_at = reader.time();
  membership.changed_at = reader.time();
  return reader.at_end() && read_enum(role, Role::None, Role::Owner, membership.role);
}

std::int64_t question_of(std::uint64_t version) { return static_cast<std::int64_t>(2 * version); }
std::int64_t answer_of(std::uint64_t version) { return static_cast<std::int64_t>(2 * version + 1); }

}  // namespace

Result<void> MembershipIndex::prepare() {
  return session_.prepare(
      {{put_,
        "INSERT INTO user_groups (user_id, group_id, membership) VALUES (?, ?, ?) "
        "USING TIMESTAMP ?",
        kWrite},
       {list_,
        "SELECT group_id, membership FROM user_groups WHERE user_id = ? AND group_id > ? LIMIT ?",
        kRowRead}});
}

Task<Result<void>> MembershipIndex::ask(UserId user, GroupId group, std::uint64_t next) {
  return session_.write(
      put_, CqlValues().uuid(user.value).uuid(group.value).blob({}).int64(question_of(next)));
}

Task<Result<void>> MembershipIndex::settle(GroupId group, Member member) {
  return session_.write(put_, CqlValues()
                                  .uuid(member.user.value)
                                  .uuid(group.value)
                                  .blob(encode(member))
                                  .int64(answer_of(member.version)));
}

Task<Result<std::vector<MembershipIndex::Entry>>> MembershipIndex::page(UserId user, GroupId after,
                                                                        std::size_t limit) {
  const auto rows = co_await session_.run(
      list_,
      CqlValues().uuid(user.value).uuid(after.value).int32(static_cast<std::int32_t>(limit)));
  if (!rows) co_return forward(rows);
  std::vector<Entry> entries;
  entries.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const CqlRow row = (*rows)[i];
    Entry& entry = entries.emplace_back(GroupId{row.uuid(0)}, std::nullopt);
    if (row.blob(1).empty()) continue;
    entry.settled.emplace().group = entry.group;
    if (!decode(row.blob(1), *entry.settled))
      co_return fail_damaged("user_groups", user.to_string());
  }
  co_return entries;
}

}  // namespace tidings::cassandra
