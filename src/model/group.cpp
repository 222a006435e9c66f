#include "model/group.h"

#include <array>
#include <span>

#include "model/limits.h"

namespace tidings {
namespace {

constexpr std::array<std::string_view, 2> kGroupKinds = {"direct", "group"};
constexpr std::array<std::string_view, 2> kVisibilities = {"private", "public"};
constexpr std::array<std::string_view, 2> kHistoryRules = {"all", "since-joined"};
constexpr std::array<std::string_view, 2> kPostRules = {"members", "moderators"};
constexpr std::array<std::string_view, 4> kRoles = {"reader", "member", "moderator", "owner"};

// Enumerators count from 1 in the order of their names.
template <class Enum>
std::optional<Enum> find(std::span<const std::string_view> names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Enum>(i + 1);
  }
  return std::nullopt;
}

template <class Enum>
std::string_view at(std::span<const std::string_view> names, Enum value) {
  return names[static_cast<std::size_t>(value) - 1];
}

}  // namespace

std::string_view name_of(GroupKind value) { return at<GroupKind>(kGroupKinds, value); }
std::string_view name_of(Visibility value) { return at<Visibility>(kVisibilities, value); }
std::string_view name_of(HistoryRule value) { return at<HistoryRule>(kHistoryRules, value); }
std::string_view name_of(PostRule value) { return at<PostRule>(kPostRules, value); }
std::string_view name_of(Role value) {
  return value == Role::None ? std::string_view("none") : at<Role>(kRoles, value);
}

template <>
std::optional<GroupKind> value_of(std::string_view name) {
  return find<GroupKind>(kGroupKinds, name);
}
template <>
std::optional<Visibility> value_of(std::string_view name) {
  return find<Visibility>(kVisibilities, name);
}
template <>
std::optional<HistoryRule> value_of(std::string_view name) {
  return find<HistoryRule>(kHistoryRules, name);
}
template <>
std::optional<PostRule> value_of(std::string_view name) {
  return find<PostRule>(kPostRules, name);
}
template <>
std::optional<Role> value_of(std::string_view name) {
  return find<Role>(kRoles, name);
}

bool is_told(const Group& group, Time now) {
  return group.push || now - group.push_changed_at < kToldAfterFlip;
}

bool is_pushed(const Group& group, Time now) {
  const bool is_settled =
      group.push_changed_at == group.created_at || now - group.push_changed_at >= kSettledAfterFlip;
  return group.push && is_settled;
}

MessageId first_visible(const Group& group, const Member& member) {
  const bool is_founder = member.joined_at <= group.created_at;
  const bool sees_all = group.history == HistoryRule::All || is_founder;
  return sees_all ? kFirstMessageId : MessageId::floor(member.joined_at);
}

}  // namespace tidings
