#include "adapters/rocks/stored_record.h"

#include <utility>

#include "base/bytes.h"

namespace tidings::rocks {
namespace {

constexpr std::uint8_t kVersion = 1;

// Kinds and roles are small enumerations that begin at `first`.
template <class Enum>
bool read_enum(ByteReader& reader, Enum first, Enum last, Enum& value) {
  const auto raw = reader.u8();
  if (raw < static_cast<std::uint8_t>(first) || raw > static_cast<std::uint8_t>(last)) return false;
  value = static_cast<Enum>(raw);
  return true;
}

void write_optional_time(ByteWriter& writer, const std::optional<Time>& time) {
  writer.u8(time ? 1 : 0);
  if (time) writer.time(*time);
}

std::optional<Time> read_optional_time(ByteReader& reader) {
  if (reader.u8() == 0) return std::nullopt;
  return reader.time();
}

unsigned bit(bool set, unsigned flag) { return set ? flag : 0u; }

}  // namespace

// version 1 | last_updated 8 | position 8 | newest 16
std::string encode(const Head& head) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.time(head.last_updated);
  writer.u64(head.position);
  writer.uuid(head.newest.value);
  return bytes;
}

bool decode(std::string_view bytes, Head& head) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  head.last_updated = reader.time();
  head.position = reader.u64();
  head.newest.value = reader.uuid();
  return reader.at_end();
}

// version 1 | kind 1 | visibility 1 | history 1 | post 1 | push 1 | push_changed_at 8 |
// created_at 8 | created_by 16 | deleted_at (0, or 1 and 8) | group version 8 | name |
// description | metadata | creation_digest
std::string encode(const Group& group) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(group.kind));
  writer.u8(static_cast<std::uint8_t>(group.visibility));
  writer.u8(static_cast<std::uint8_t>(group.history));
  writer.u8(static_cast<std::uint8_t>(group.post));
  writer.u8(group.push ? 1 : 0);
  writer.time(group.push_changed_at);
  writer.time(group.created_at);
  writer.uuid(group.created_by.value);
  write_optional_time(writer, group.deleted_at);
  writer.u64(group.version);
  writer.text(group.name);
  writer.text(group.description);
  writer.text(group.metadata);
  writer.text(group.creation_digest);
  return bytes;
}

bool decode(std::string_view bytes, Group& group) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  if (!read_enum(reader, GroupKind::Direct, GroupKind::Group, group.kind)) return false;
  if (!read_enum(reader, Visibility::Private, Visibility::Public, group.visibility)) return false;
  if (!read_enum(reader, HistoryRule::All, HistoryRule::SinceJoined, group.history)) return false;
  if (!read_enum(reader, PostRule::Members, PostRule::Moderators, group.post)) return false;
  group.push = reader.u8() != 0;
  group.push_changed_at = reader.time();
  group.created_at = reader.time();
  group.created_by = UserId{reader.uuid()};
  group.deleted_at = read_optional_time(reader);
  group.version = reader.u64();
  group.name = reader.text();
  group.description = reader.text();
  group.metadata = reader.text();
  group.creation_digest = reader.text();
  return reader.at_end();
}

// version 1 | role 1 | joined_at 8 | changed_at 8 | member version 8 | user_name
std::string encode(const Member& member) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(member.role));
  writer.time(member.joined_at);
  writer.time(member.changed_at);
  writer.u64(member.version);
  writer.text(member.user_name);
  return bytes;
}

bool decode(std::string_view bytes, Member& member) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  if (!read_enum(reader, Role::None, Role::Owner, member.role)) return false;
  member.joined_at = reader.time();
  member.changed_at = reader.time();
  member.version = reader.u64();
  member.user_name = reader.text();
  return reader.at_end();
}

// version 1 | role 1 | joined_at 8 | changed_at 8
std::string encode(const Membership& membership) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(membership.role));
  writer.time(membership.joined_at);
  writer.time(membership.changed_at);
  return bytes;
}

bool decode(std::string_view bytes, Membership& membership) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  if (!read_enum(reader, Role::None, Role::Owner, membership.role)) return false;
  membership.joined_at = reader.time();
  membership.changed_at = reader.time();
  return reader.at_end();
}

// version 1 | flags 1 | status 1 | created_at 8 | last_seen 8 | ended_at (0, or 1 and 8) |
// user version 8 | name | display_name | metadata | password_hash | status_text
namespace {
// A flag that is newer than the record reads as unset.
enum UserFlags : unsigned {
  kService = 1,
  kDisabled = 2,
  kAcceptsDirect = 4,
  kUserErased = 8,
  kAdmin = 16
};
}  // namespace

std::string encode(const User& user) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(bit(user.service, kService) | bit(user.disabled, kDisabled) |
                                      bit(user.accepts_direct, kAcceptsDirect) |
                                      bit(user.erased, kUserErased) | bit(user.admin, kAdmin)));
  writer.u8(static_cast<std::uint8_t>(user.status));
  writer.time(user.created_at);
  writer.time(user.last_seen);
  write_optional_time(writer, user.ended_at);
  writer.u64(user.version);
  writer.text(user.name);
  writer.text(user.display_name);
  writer.text(user.metadata);
  writer.text(user.password_hash);
  writer.text(user.status_text);
  return bytes;
}

bool decode(std::string_view bytes, User& user) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  const auto flags = reader.u8();
  user.service = (flags & kService) != 0;
  user.disabled = (flags & kDisabled) != 0;
  user.accepts_direct = (flags & kAcceptsDirect) != 0;
  user.erased = (flags & kUserErased) != 0;
  user.admin = (flags & kAdmin) != 0;
  if (!read_enum(reader, ManualStatus::Auto, ManualStatus::Invisible, user.status)) return false;
  user.created_at = reader.time();
  user.last_seen = reader.time();
  user.ended_at = read_optional_time(reader);
  user.version = reader.u64();
  user.name = reader.text();
  user.display_name = reader.text();
  user.metadata = reader.text();
  user.password_hash = reader.text();
  user.status_text = reader.text();
  return reader.at_end();
}

// version 1 | user 16 | session version 8 | created_at 8 | last_seen 8 | previous_until 8 |
// ended_at (0, or 1 and 8) | device | refresh_hash | previous_refresh_hash | refresh_salt
std::string encode(const Session& session) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.uuid(session.user.value);
  writer.u64(session.version);
  writer.time(session.created_at);
  writer.time(session.last_seen);
  writer.time(session.previous_until);
  write_optional_time(writer, session.ended_at);
  writer.text(session.device);
  writer.text(session.refresh_hash);
  writer.text(session.previous_refresh_hash);
  writer.text(session.refresh_salt);
  return bytes;
}

bool decode(std::string_view bytes, Session& session) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  session.user = UserId{reader.uuid()};
  session.version = reader.u64();
  session.created_at = reader.time();
  session.last_seen = reader.time();
  session.previous_until = reader.time();
  session.ended_at = read_optional_time(reader);
  session.device = reader.text();
  session.refresh_hash = reader.text();
  session.previous_refresh_hash = reader.text();
  session.refresh_salt = reader.text();
  return reader.at_end();
}

// version 1 | user 16 | may_import 1 | send_burst 4 | send_per_seconds 4 | created_at 8 |
// revoked_at (0, or 1 and 8) | secret_hash
std::string encode(const ServiceKey& key) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.uuid(key.user.value);
  writer.u8(key.may_import ? 1 : 0);
  writer.u32(key.send_burst);
  writer.u32(key.send_per_seconds);
  writer.time(key.created_at);
  write_optional_time(writer, key.revoked_at);
  writer.text(key.secret_hash);
  return bytes;
}

bool decode(std::string_view bytes, ServiceKey& key) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  key.user = UserId{reader.uuid()};
  key.may_import = reader.u8() != 0;
  key.send_burst = reader.u32();
  key.send_per_seconds = reader.u32();
  key.created_at = reader.time();
  key.revoked_at = read_optional_time(reader);
  key.secret_hash = reader.text();
  return reader.at_end();
}

// version 1 | the cursor as clients hold it
std::string encode_mark(const Cursor& mark) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.raw(tidings::encode(mark));
  return bytes;
}

bool decode_mark(std::string_view bytes, GroupId group, Cursor& mark) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  auto decoded = decode_cursor(reader.raw(reader.left()), group);
  if (!decoded) return false;
  mark = std::move(*decoded);
  return true;
}

std::string encode_u64(std::uint64_t value) {
  std::string bytes;
  ByteWriter(bytes).u64(value);
  return bytes;
}

std::optional<std::uint64_t> decode_u64(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto value = reader.u64();
  return reader.at_end() ? std::optional(value) : std::nullopt;
}

std::string encode_uuid(const Uuid& id) { return std::string(as_text(id.bytes)); }

std::optional<Uuid> decode_uuid(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto id = reader.uuid();
  return reader.at_end() ? std::optional(id) : std::nullopt;
}

}  // namespace tidings::rocks
