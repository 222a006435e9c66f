#include "core/unread_count.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "model/limits.h"

namespace tidings {
namespace {

using Unread = UnreadCount::Unread;

constexpr std::size_t kChunk = 200;
// Rows that are looked at. More than so many of one's own, or amendments, before 100 of others
// are found: the count is then too low.
constexpr int kChunksMax = 10;

class Counter {
 public:
  explicit Counter(const Member& reader) : reader_(reader) {}

  // Counts a message that the reader has not read, once.
  void add(const Message& message) {
    if (is_full() || !is_countable(message) || !seen_.insert(message.id).second) return;
    ++unread_.count;
    const auto& mentions = message.content.mentions;
    if (std::ranges::find(mentions, reader_.user_name) != mentions.end()) ++unread_.mentions;
  }
  bool is_countable(const Message& message) const {
    const bool is_said = message.content.kind == Kind::Text || message.content.kind == Kind::Opaque;
    return is_said && message.author != reader_.user;
  }
  bool is_full() const { return unread_.count >= kUnreadMax; }
  Unread unread() const { return unread_; }

 private:
  const Member& reader_;
  Unread unread_;
  std::unordered_set<MessageId> seen_;
};

}  // namespace

Task<Result<Unread>> UnreadCount::run(SyncReader reader, std::optional<Cursor> mark) {
  if (!mark) co_return co_await since_joined(reader);
  const bool is_exact = log_ != nullptr && mark->sequence && mark->epoch == messages_.epoch();
  if (is_exact) co_return co_await behind_position(reader, *mark->sequence);
  if (mark->epoch != messages_.epoch()) mark->counts.clear();
  co_return co_await behind_watermark(reader, std::move(*mark));
}

Task<Result<Unread>> UnreadCount::behind_position(SyncReader reader, std::uint64_t position) {
  Counter counter(reader.standing->member);
  for (int chunk = 0; chunk < kChunksMax && !counter.is_full(); ++chunk) {
    const auto entries = co_await log_->read_after(reader.group(), position, kChunk);
    if (!entries) co_return forward(entries);
    for (const ArrivalLog::Entry& entry : *entries) {
      position = entry.position;
      if (entry.message.id >= reader.visible_from) counter.add(entry.message);
    }
    if (entries->size() < kChunk) break;
  }
  co_return counter.unread();
}

Task<Result<Unread>> UnreadCount::behind_watermark(SyncReader reader, Cursor mark) {
  const GroupId group = reader.group();
  const auto read = co_await reads_.read(group, start_of(mark, rules_), false);
  if (!read) co_return forward(read);
  auto slots = lacking_slots(**read, mark, reader.visible_from, rules_);

  // Which of a slot are new, the counts do not say: as many of them count as may be, so that the
  // number is never too low.
  std::map<std::int64_t, std::size_t> new_in_slot;
  std::vector<MessageId> ids;
  for (const SlotRows& slot : slots) {
    const std::size_t before = std::min<std::size_t>(slot.returned_before, slot.ids.size());
    new_in_slot[slot.slot] = slot.ids.size() - before;
    ids.insert(ids.end(), slot.ids.begin(), slot.ids.end());
  }
  // Late rows of the overlap were returned by the round that made the mark, all but a few that
  // were written slowly.
  for (const LateArrival& arrival : (*read)->late) {
    const bool is_on_sent_axis = std::ranges::binary_search((*read)->sent, arrival.id);
    const bool is_new = arrival.received_at >= mark.watermark && arrival.id >= reader.visible_from;
    if (is_new && !is_on_sent_axis) ids.push_back(arrival.id);
  }
  into_sent_order(ids);

  Counter counter(reader.standing->member);
  for (int chunk = 0; chunk < kChunksMax && !ids.empty() && !counter.is_full(); ++chunk) {
    const auto first = ids.end() - static_cast<std::ptrdiff_t>(std::min(kChunk, ids.size()));
    std::vector<MessageId> newest(first, ids.end());
    ids.erase(first, ids.end());
    auto rows = co_await messages_.read(group, std::move(newest));
    if (!rows) co_return forward(rows);
    std::ranges::sort(*rows, std::greater<>(), &Message::received_at);
    for (const Message& row : *rows) {
      if (!counter.is_countable(row)) continue;
      const auto slot = new_in_slot.find(to_ms(row.sent_at()) / kCountSlot.count());
      if (slot != new_in_slot.end() && slot->second == 0) continue;
      if (slot != new_in_slot.end()) --slot->second;
      counter.add(row);
    }
  }
  co_return counter.unread();
}

Task<Result<Unread>> UnreadCount::since_joined(SyncReader reader) {
  const GroupId group = reader.group();
  const Time joined_at = reader.standing->member.joined_at;
  Counter counter(reader.standing->member);

  // Whatever was on time when it arrived since then.
  IdRange range{std::max(MessageId::floor(joined_at - kLateAfter), reader.visible_from),
                kLastMessageId};
  for (int chunk = 0; chunk < kChunksMax && !counter.is_full(); ++chunk) {
    const auto rows = co_await messages_.read_range(group, range, Take::Newest, kChunk);
    if (!rows) co_return forward(rows);
    for (const Message& row : *rows) {
      if (row.received_at >= joined_at) counter.add(row);
    }
    if (rows->size() < kChunk) break;
    range.to = rows->front().id;
  }

  // And what was late.
  LateArrival after{joined_at, kFirstMessageId};
  for (int chunk = 0; chunk < kChunksMax && !counter.is_full(); ++chunk) {
    const auto late = co_await messages_.read_late(group, after, kChunk);
    if (!late) co_return forward(late);
    std::vector<MessageId> ids;
    for (const LateArrival& arrival : *late) {
      if (arrival.id >= reader.visible_from) ids.push_back(arrival.id);
    }
    into_sent_order(ids);
    if (!ids.empty()) {
      const auto rows = co_await messages_.read(group, std::move(ids));
      if (!rows) co_return forward(rows);
      for (const Message& row : *rows) {
        if (row.received_at >= joined_at) counter.add(row);
      }
    }
    if (late->size() < kChunk) break;
    after = late->back();
  }
  co_return counter.unread();
}

}  // namespace tidings
