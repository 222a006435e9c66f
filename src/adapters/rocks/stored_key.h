#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ensure.h"
#include "model/amendment.h"
#include "model/ids.h"
#include "ports/message_store.h"

namespace tidings::rocks {

// The tables of the store, one column family each.
//
//   table         key                                        value (stored_record.h)
//   messages      group 16 | inverted id 16                  message
//   arrivals      group 16 | position 8                      id 16
//   late          group 16 | received_at 8 | id 16           -
//   amendments    group 16 | target 16 | slot                amendment
//   heads         group 16                                   head
//   sealed        group 16 | from 16 | to 16                 count 8 | sum 16
//   groups        group 16                                   group
//   members       group 16 | user 16                         member
//   member_counts group 16                                   count 8
//   user_groups   user 16 | group 16                         membership
//   users         user 16                                    user
//   names         name                                       user 16
//   blocks        blocker 16 | blocked 16                    1 or 0
//   sessions      's' | session 16                           session
//                 'u' | user 16 | session 16                 -    (those that have not ended)
//                 'e' | ended_at 8 | session 16              -    (those that have)
//   keys          'k' | key 16                               service key
//                 'u' | user 16 | key 16                     -
//   revocations   at 8 | id 16                               -
//   read_marks    user 16 | group 16                         version 1 | cursor
//   meta          "format", "epoch", "positions", "sealed_to"
//
// slot: 'd' (delete) | 'e' (edit) | 'r' user 16 emoji (reaction)
//
// Integers are big-endian, so that keys sort as their numbers do. The bits of a message's id are
// inverted: the newest messages are what is read most, and walking forward is several times as fast
// as walking back.
enum class Table : std::uint8_t {
  Meta,  // RocksDB's own default column family
  Messages,
  Arrivals,
  Late,
  Amendments,
  Heads,
  Sealed,
  Groups,
  Members,
  MemberCounts,
  UserGroups,
  Users,
  Names,
  Blocks,
  Sessions,
  Keys,
  Revocations,
  ReadMarks,
};
inline constexpr std::size_t kTableCount = 18;

std::string_view name_of(Table table);

// The bytes of a key, without an allocation.
class StoredKey {
 public:
  StoredKey() = default;

  StoredKey& byte(char value) {
    bytes_.at(size_++) = value;
    return *this;
  }
  StoredKey& raw(std::string_view value) {
    ensure(value.size() <= bytes_.size() - size_, "a key fits");
    size_ += value.copy(bytes_.data() + size_, value.size());
    return *this;
  }
  StoredKey& uuid(const Uuid& value) {
    return raw({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
  }
  StoredKey& u64(std::uint64_t value);

  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 128> bytes_;
  std::size_t size_ = 0;
};

StoredKey message_key(GroupId group, MessageId id);
MessageId id_in_message_key(std::string_view key);
StoredKey arrival_key(GroupId group, std::uint64_t position);
StoredKey late_key(GroupId group, const LateArrival& arrival);
StoredKey amendment_key(GroupId group, const Amendment& amendment);
StoredKey sealed_key(GroupId group, const IdRange& range);
StoredKey pair_key(const Uuid& first, const Uuid& second);
StoredKey tagged_key(char tag, const Uuid& id);
StoredKey tagged_key(char tag, const Uuid& first, const Uuid& second);
StoredKey revocation_key(Time at, const Uuid& id);

// The first key after all keys that begin with `prefix`; nothing when there is none (all bits set).
std::optional<StoredKey> after_prefix(std::string_view prefix);

// What stands at `offset` of a key. The key is long enough, or these are zero: keys come from a
// disk.
Uuid uuid_at(std::string_view key, std::size_t offset);
std::uint64_t u64_at(std::string_view key, std::size_t offset);

}  // namespace tidings::rocks
