#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tidings {

// A UUID that says what it is the id of.
template <class Of>
struct Id {
  Uuid value;

  auto operator<=>(const Id&) const = default;
  std::string to_string() const { return value.to_string(); }
  static std::optional<Id> parse(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    return uuid ? std::optional(Id{*uuid}) : std::nullopt;
  }
};

using UserId = Id<struct UserOf>;
using GroupId = Id<struct GroupOf>;
using SessionId = Id<struct SessionOf>;
using KeyId = Id<struct KeyOf>;

// A UUIDv7: order, primary key, reference and idempotency key of a message, for ever.
//
//   0        6    8                12            16
//   +--------+----+----------------+-------------+
//   | ms     | 7… | random (42 b.) | author's tag|
//   +--------+----+----------------+-------------+
//
// The tag is the first 32 bits of SHA-256(the 16 bytes of the author's id, the first 12 bytes of
// this id), so that an id belongs to one author without anybody reading anything.
struct MessageId {
  Uuid value;

  auto operator<=>(const MessageId&) const = default;
  std::string to_string() const { return value.to_string(); }
  Time sent_at() const { return value.time(); }

  // Nothing unless `text` is a UUIDv7.
  static std::optional<MessageId> parse(std::string_view text);
  // The smallest id of that millisecond, as a bound of ranges; not the id of a message.
  static MessageId floor(Time time) { return {Uuid::v7_floor(time)}; }
  // The same id with the right tag of `author`; what the server stores whatever it was given.
  MessageId tagged(UserId author) const;
  static MessageId mint(Time sent_at, UserId author) {
    return MessageId{Uuid::v7(sent_at)}.tagged(author);
  }
};

inline constexpr MessageId kFirstMessageId{};
inline constexpr MessageId kLastMessageId{Uuid{{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}}};

// The ids with from <= id < to.
struct IdRange {
  MessageId from = kFirstMessageId;
  MessageId to = kLastMessageId;

  bool contains(MessageId id) const { return from <= id && id < to; }
  bool operator==(const IdRange&) const = default;
};

// The direct group of two people (or of one with themselves): the same whoever computes it.
GroupId direct_group_id(UserId one, UserId other);
// The group that `creator` makes with the client's `key`: nobody can name another's.
GroupId keyed_group_id(UserId creator, const Uuid& key);

}  // namespace tidings

template <class Of>
struct std::hash<tidings::Id<Of>> {
  std::size_t operator()(const tidings::Id<Of>& id) const noexcept {
    return std::hash<tidings::Uuid>()(id.value);
  }
};
template <>
struct std::hash<tidings::MessageId> {
  std::size_t operator()(const tidings::MessageId& id) const noexcept {
    return std::hash<tidings::Uuid>()(id.value);
  }
};
