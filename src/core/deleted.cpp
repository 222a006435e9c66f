#include "core/deleted.h"

#include <algorithm>
#include <utility>

namespace tidings {
namespace {

// The message whose deletion takes the body of `message` away; nothing when none can.
std::optional<MessageId> body_of(const Message& message) {
  if (message.content.kind == Kind::Edit) return message.content.target;
  if (is_amendment(message.content.kind)) return std::nullopt;
  return message.id;
}

}  // namespace

Task<Result<std::vector<ShownMessage>>> hide_deleted(MessageStore& store, GroupId group,
                                                     std::vector<Message> messages,
                                                     MessageId visible_from, Instant as_of) {
  std::vector<MessageId> targets;
  targets.reserve(messages.size());
  for (const Message& message : messages) {
    if (const auto target = body_of(message)) targets.push_back(*target);
  }
  std::ranges::sort(targets);
  const auto repeated = std::ranges::unique(targets);
  targets.erase(repeated.begin(), repeated.end());

  std::vector<MessageId> deleted;
  if (!targets.empty()) {
    const auto amendments = co_await store.amendments(group, std::move(targets), as_of);
    if (!amendments) co_return forward(amendments);
    for (const Amendment& amendment : *amendments) {
      if (amendment.kind == Kind::Delete) deleted.push_back(amendment.target);
    }
  }

  std::vector<ShownMessage> shown;
  shown.reserve(messages.size());
  for (Message& message : messages) {
    const auto body = body_of(message);
    const bool is_deleted =
        body && (*body < visible_from || std::ranges::binary_search(deleted, *body));
    if (is_deleted) strip_body(message);
    shown.push_back(ShownMessage{std::move(message), {}, is_deleted, {}});
  }
  co_return shown;
}

}  // namespace tidings
