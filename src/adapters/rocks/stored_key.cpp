#include "adapters/rocks/stored_key.h"

#include <array>

#include "base/bytes.h"

namespace tidings::rocks {
namespace {

constexpr std::array<std::string_view, kTableCount> kNames = {
    "default", "messages", "arrivals", "late",          "amendments",  "heads",
    "sealed",  "groups",   "members",  "member_counts", "user_groups", "users",
    "names",   "blocks",   "sessions", "keys",          "revocations", "read_marks"};

Uuid inverted(Uuid id) {
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(~byte);
  return id;
}

}  // namespace

std::string_view name_of(Table table) { return kNames.at(static_cast<std::size_t>(table)); }

StoredKey& StoredKey::u64(std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) byte(static_cast<char>(value >> shift));
  return *this;
}

StoredKey message_key(GroupId group, MessageId id) {
  return pair_key(group.value, inverted(id.value));
}

MessageId id_in_message_key(std::string_view key) { return MessageId{inverted(uuid_at(key, 16))}; }

StoredKey arrival_key(GroupId group, std::uint64_t position) {
  return StoredKey().uuid(group.value).u64(position);
}

StoredKey late_key(GroupId group, const LateArrival& arrival) {
  return StoredKey()
      .uuid(group.value)
      .u64(static_cast<std::uint64_t>(to_ms(arrival.received_at)))
      .uuid(arrival.id.value);
}

StoredKey amendment_key(GroupId group, const Amendment& amendment) {
  StoredKey key = pair_key(group.value, amendment.target.value);
  switch (amendment.kind) {
    case Kind::Delete:
      return key.byte('d');
    case Kind::Edit:
      return key.byte('e');
    default:
      return key.byte('r').uuid(amendment.author.value).raw(amendment.emoji);
  }
}

StoredKey sealed_key(GroupId group, const IdRange& range) {
  return StoredKey().uuid(group.value).uuid(range.from.value).uuid(range.to.value);
}

StoredKey pair_key(const Uuid& first, const Uuid& second) {
  return StoredKey().uuid(first).uuid(second);
}

StoredKey tagged_key(char tag, const Uuid& id) { return StoredKey().byte(tag).uuid(id); }

StoredKey tagged_key(char tag, const Uuid& first, const Uuid& second) {
  return StoredKey().byte(tag).uuid(first).uuid(second);
}

StoredKey revocation_key(Time at, const Uuid& id) {
  return StoredKey().u64(static_cast<std::uint64_t>(to_ms(at))).uuid(id);
}

std::optional<StoredKey> after_prefix(std::string_view prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) {
    prefix.remove_suffix(1);
  }
  if (prefix.empty()) return std::nullopt;
  return StoredKey()
      .raw(prefix.substr(0, prefix.size() - 1))
      .byte(static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1));
}

Uuid uuid_at(std::string_view key, std::size_t offset) {
  if (key.size() < offset) return {};
  return ByteReader(key.substr(offset)).uuid();
}

std::uint64_t u64_at(std::string_view key, std::size_t offset) {
  if (key.size() < offset) return 0;
  return ByteReader(key.substr(offset)).u64();
}

}  // namespace tidings::rocks
