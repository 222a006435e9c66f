#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace tidings {

enum class GroupKind : std::uint8_t { Direct = 1, Group };
enum class Visibility : std::uint8_t { Private = 1, Public };
enum class HistoryRule : std::uint8_t { All = 1, SinceJoined };
enum class PostRule : std::uint8_t { Members = 1, Moderators };
// In rising order of rights. `None` is stored for somebody who was removed or left: a value, not a
// deletion.
enum class Role : std::uint8_t { None = 0, Reader, Member, Moderator, Owner };

std::string_view name_of(GroupKind value);
std::string_view name_of(Visibility value);
std::string_view name_of(HistoryRule value);
std::string_view name_of(PostRule value);
std::string_view name_of(Role value);  // "none" for None
template <class Enum>
std::optional<Enum> value_of(std::string_view name);  // nothing for an unknown name, and for "none"

// What rarely changes about a group; its last_updated (the head) is kept apart.
struct Group {
  GroupId id;
  GroupKind kind = GroupKind::Group;
  std::string name;
  std::string description;
  std::string metadata;  // a compact JSON object with sorted keys, or empty for none
  Visibility visibility = Visibility::Private;
  HistoryRule history = HistoryRule::All;
  PostRule post = PostRule::Members;
  bool push = true;      // members are told of each change; otherwise they poll
  Time push_changed_at;  // when `push` last changed; whoever changes it writes this with it
  Time created_at;
  UserId created_by;
  std::optional<Time> deleted_at;
  // SHA-256 of what the creator asked for, so that a repeat of the call is told from another call
  // with its key.
  std::string creation_digest;
  std::uint64_t version = 0;  // grows with each change: what compare-and-set compares

  bool operator==(const Group&) const = default;
};

struct Member {
  UserId user;
  std::string user_name;  // bare; names never change
  Role role = Role::Member;
  Time joined_at;             // of this stay: being removed and added again starts anew
  Time changed_at;            // when role or joined_at last changed; drives `removed` in the status
  std::uint64_t version = 0;  // grows with each change: what compare-and-set compares

  bool is_in() const { return role != Role::None; }
  bool operator==(const Member&) const = default;
};

// Of members who are listed together with those who changed their place at `changed_since` or
// later.
inline bool is_listed(const Member& member, Time changed_since) {
  return member.is_in() || member.changed_at >= changed_since;
}

// One group of one user, as the index by user holds it.
struct Membership {
  GroupId group;
  Role role = Role::Member;
  Time joined_at;
  Time changed_at;

  bool operator==(const Membership&) const = default;
};

// Whether members are told of a change now: while `push` is true and for 60 s after it became
// false, so that everybody who is connected pulls once more and learns that this group is now
// polled.
bool is_told(const Group& group, Time now);

// Whether a member may rely on being told of the next change. Not yet in the first 6 s after `push`
// became true again: other workers may not know it for 4 s, by clocks that differ by a second.
bool is_pushed(const Group& group, Time now);

// The first id that a member may see under the group's history rule. Whoever was there from the
// beginning sees all: a message from a clock that is behind may be older than the group.
MessageId first_visible(const Group& group, const Member& member);

}  // namespace tidings
