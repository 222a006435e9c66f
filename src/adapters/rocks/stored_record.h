#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/cursor.h"
#include "model/group.h"
#include "model/message_record.h"
#include "model/user.h"

// The values of the store as bytes. Each begins with a version byte, so that a later program reads
// what an earlier one wrote.
//
// Decoding takes whatever bytes a disk gives: a damaged record is nothing, or false, never a crash.
// What the key already says (group, id) is not in the value; the caller fills it in. Messages,
// amendments and sums are in model/message_record.h.
namespace tidings::rocks {

// When something last arrived in a group, and the newest position of its arrival log.
struct Head {
  Time last_updated;
  std::uint64_t position = 0;  // 0: only touched so far
  MessageId newest;            // no message of the group has a greater id
  bool operator==(const Head&) const = default;
};
std::string encode(const Head& head);
bool decode(std::string_view bytes, Head& head);

std::string encode(const Group& group);
bool decode(std::string_view bytes, Group& group);  // all but `id`

std::string encode(const Member& member);
bool decode(std::string_view bytes, Member& member);  // all but `user`

std::string encode(const Membership& membership);
bool decode(std::string_view bytes, Membership& membership);  // all but `group`

std::string encode(const User& user);
bool decode(std::string_view bytes, User& user);  // all but `id`

std::string encode(const Session& session);
bool decode(std::string_view bytes, Session& session);  // all but `id`

std::string encode(const ServiceKey& key);
bool decode(std::string_view bytes, ServiceKey& key);  // all but `id`

std::string encode_mark(const Cursor& mark);
bool decode_mark(std::string_view bytes, GroupId group, Cursor& mark);

// Bare numbers and ids.
std::string encode_u64(std::uint64_t value);
std::optional<std::uint64_t> decode_u64(std::string_view bytes);
std::string encode_uuid(const Uuid& id);
std::optional<Uuid> decode_uuid(std::string_view bytes);

}  // namespace tidings::rocks
