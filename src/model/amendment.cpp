#include "model/amendment.h"

#include <map>
#include <utility>

namespace tidings {

std::optional<Amendment> amendment_of(const Message& message) {
  const Content& content = message.content;
  if (!is_amendment(content.kind) || !content.target) return std::nullopt;
  return Amendment{*content.target, message.id,    message.author, content.kind,
                   content.text,    content.emoji, content.remove};
}

std::string slot_of(const Amendment& amendment) {
  switch (amendment.kind) {
    case Kind::Edit:
      return "edit";
    case Kind::Delete:
      return "delete";
    default:
      return "reaction:" + amendment.author.to_string() + ":" + amendment.emoji;
  }
}

void strip_body(Message& message) {
  const Kind kind = message.content.kind;
  const auto target = message.content.target;
  message.content = Content{};
  message.content.kind = kind;
  message.content.target = target;
}

void strip_body(Amendment& amendment) {
  amendment.text.clear();
  if (amendment.kind == Kind::Reaction) amendment.remove = true;
}

ShownMessage apply(Message message, std::span<const Amendment> amendments, UserId reader) {
  ShownMessage shown{std::move(message), {}, false, {}};
  const Amendment* edit = nullptr;
  std::map<std::string, ReactionCount> reactions;
  for (const Amendment& amendment : amendments) {
    if (amendment.kind == Kind::Delete) {
      shown.deleted = true;
    } else if (amendment.kind == Kind::Edit) {
      edit = &amendment;
    } else if (!amendment.remove) {
      ReactionCount& reaction = reactions[amendment.emoji];
      reaction.emoji = amendment.emoji;
      ++reaction.count;
      reaction.me = reaction.me || amendment.author == reader;
    }
  }
  if (shown.deleted) {
    strip_body(shown.message);
    return shown;
  }
  if (edit != nullptr && !shown.message.erased) {
    shown.message.content.text = edit->text;
    shown.edited_at = edit->id.sent_at();
  }
  for (auto& [emoji, reaction] : reactions) shown.reactions.push_back(std::move(reaction));
  return shown;
}

}  // namespace tidings
