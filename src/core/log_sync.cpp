#include "core/log_sync.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "model/limits.h"

namespace tidings {
namespace {

// A member who sees only a part of the history may have to pass much that they do not see.
constexpr int kLooksMax = 5;

}  // namespace

Task<Result<SyncAnswer>> LogSync::next(SyncReader reader, Cursor from, AnswerRoom room) {
  const GroupId group = reader.group();
  const Time begin = clock_.now();
  // Ids first: whatever arrives between the two reads then stands in the log, so that both
  // together are what the reader has afterwards.
  const Time digest_begin = std::max(Time(), from.watermark - kSentOverlap);
  IdRange digest_range{std::max(MessageId::floor(digest_begin), reader.visible_from),
                       kLastMessageId};
  auto ids = co_await messages_.read_ids(group, digest_range, Take::Newest, kDigestIdsMax);
  if (!ids) co_return forward(ids);
  if (ids->size() == kDigestIdsMax) digest_range.from = ids->front();

  SyncAnswer answer;
  answer.cursor = std::move(from);
  Cursor& cursor = answer.cursor;
  cursor.counts.clear();
  cursor.in_log = true;
  std::unordered_set<MessageId> taken;
  bool has_room = true;
  for (int look = 0; look < kLooksMax && has_room && cursor.in_log && taken.empty(); ++look) {
    const std::size_t wanted = room.messages + 1;
    auto entries = co_await log_.read_after(group, *cursor.sequence, wanted);
    if (!entries) co_return forward(entries);
    for (ArrivalLog::Entry& entry : *entries) {
      const MessageId id = entry.message.id;
      if (id >= reader.visible_from && !taken.contains(id)) {
        has_room = room.take(entry.message);
        if (!has_room) break;
        taken.insert(id);
        answer.messages.push_back(std::move(entry.message));
      }
      cursor.sequence = entry.position;
    }
    cursor.in_log = !has_room || entries->size() == wanted;
  }
  into_sent_order(answer.messages);
  if (cursor.in_log) co_return answer;

  cursor.watermark = begin;
  for (const Message& message : answer.messages) {
    if (message.id >= digest_range.from) ids->push_back(message.id);
  }
  into_sent_order(*ids);
  answer.digest = digest_from(digest_range.from, *ids);
  co_return answer;
}

}  // namespace tidings
