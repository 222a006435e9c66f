#include "core/sync_answer.h"

#include <algorithm>

namespace tidings {

Digest digest_from(MessageId from, const std::vector<MessageId>& ids) {
  Digest digest{from, std::nullopt, {}, {}, {}};
  for (const MessageId id : ids) digest.sum.add(id);
  return digest;
}

void into_sent_order(std::vector<Message>& messages) {
  std::ranges::sort(messages, {}, &Message::id);
  const auto repeated = std::ranges::unique(messages, {}, &Message::id);
  messages.erase(repeated.begin(), repeated.end());
}

void into_sent_order(std::vector<MessageId>& ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
}

}  // namespace tidings
