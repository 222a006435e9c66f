#include "core/round_sync.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/newest.h"

namespace tidings {
namespace {

// Entries of the late index whose rows never came may fill a page.
constexpr int kPagesMax = 5;

const Message* find(const std::vector<Message>& rows, MessageId id) {
  const auto at = std::ranges::lower_bound(rows, id, {}, &Message::id);
  return at != rows.end() && at->id == id ? &*at : nullptr;
}

std::vector<MessageId> ids_of(const RoundPage& page) {
  std::vector<MessageId> ids = page.sent;
  for (const LateArrival& arrival : page.late) ids.push_back(arrival.id);
  into_sent_order(ids);
  return ids;
}

// How many places of the page, in its order, have room.
std::size_t fitting(const RoundPage& page, const std::vector<Message>& rows, AnswerRoom room) {
  std::size_t places = 0;
  const auto fits = [&](MessageId id) {
    const Message* const row = find(rows, id);
    return row == nullptr || room.take(*row);
  };
  for (const LateArrival& arrival : page.late) {
    if (!fits(arrival.id)) return places;
    ++places;
  }
  for (const MessageId id : page.sent) {
    if (!fits(id)) return places;
    ++places;
  }
  return places;
}

Digest digest_of(const RoundRead& read, MessageId from, const std::vector<Message>& answered) {
  const auto first = std::ranges::lower_bound(read.sent, from);
  std::vector<MessageId> ids(first, read.sent.end());
  // A row may have become visible between the two looks of a read.
  for (const Message& message : answered) {
    if (message.id >= from) ids.push_back(message.id);
  }
  into_sent_order(ids);
  return digest_from(from, ids);
}

}  // namespace

Task<Result<SyncAnswer>> RoundSync::next(SyncReader reader, Cursor from, AnswerRoom room,
                                         bool may_reuse) {
  const GroupId group = reader.group();
  SyncAnswer answer;
  for (int looked = 0; looked < kPagesMax; ++looked) {
    const RoundStart start = start_of(from, rules_);
    std::shared_ptr<const RoundRead> read;
    // One from before the reader's watermark, by whatever clock, would take them back.
    if (may_reuse) read = reads_.finished(group, start, from.watermark + kClockSkewMax);
    const bool is_reused = read != nullptr;
    if (!is_reused) {
      auto made = co_await reads_.read(group, start, may_reuse);
      if (!made) co_return forward(made);
      read = std::move(*made);
    }
    RoundPage page = plan_page(*read, from, reader.visible_from, room.messages, rules_);
    if (page.is_too_long && from.more()) {
      // What became visible since behind the pages before, only the whole round shows.
      from.resume_sent.reset();
      from.resume_late.reset();
      continue;
    }
    if (page.is_too_long) {
      co_return co_await skip_to_newest(reader, from, room, read, page.lowest_lacking);
    }
    auto rows = co_await rows_of(group, read, ids_of(page));
    if (!rows) co_return forward(rows);
    const std::size_t places = fitting(page, *rows, room);
    if (places < page.sent.size() + page.late.size()) {
      page = plan_page(*read, from, reader.visible_from, places, rules_);
      const auto kept = ids_of(page);
      std::erase_if(
          *rows, [&kept](const Message& row) { return !std::ranges::binary_search(kept, row.id); });
    }
    answer.messages = std::move(*rows);
    answer.cursor = page.next;
    if (!page.next.more()) {
      // Of what a reused read saw the reader may have more: the round before took its time.
      const MessageId digest_from_id = std::max(start.sent_from, reader.visible_from);
      if (!is_reused) answer.digest = digest_of(*read, digest_from_id, answer.messages);
      break;
    }
    const bool passed_only_gaps = answer.messages.empty() && places > 0;
    if (!passed_only_gaps) break;
    from = page.next;
  }
  co_return answer;
}

// The rows of these ids (ascending) that exist, ascending.
Task<Result<std::vector<Message>>> RoundSync::rows_of(GroupId group,
                                                      std::shared_ptr<const RoundRead> read,
                                                      std::vector<MessageId> ids) {
  std::vector<Message> rows;
  std::vector<MessageId> others;
  rows.reserve(ids.size());
  for (const MessageId id : ids) {
    if (const Message* const row = find(read->newest, id)) {
      rows.push_back(*row);
    } else {
      others.push_back(id);
    }
  }
  if (others.empty()) co_return rows;
  auto found = co_await messages_.read(group, std::move(others));
  if (!found) co_return forward(found);
  std::ranges::move(*found, std::back_inserter(rows));
  into_sent_order(rows);
  co_return rows;
}

Task<Result<SyncAnswer>> RoundSync::skip_to_newest(SyncReader reader, Cursor from, AnswerRoom room,
                                                   std::shared_ptr<const RoundRead> read,
                                                   MessageId lowest_lacking) {
  auto newest = co_await read_newest(messages_, reader, room);
  if (!newest) co_return forward(newest);
  SyncAnswer answer;
  answer.cursor = std::move(from);
  answer.nothing_fitted = newest->messages.empty() && newest->is_cut;
  if (answer.nothing_fitted) co_return answer;

  answer.messages = std::move(newest->messages);
  const MessageId to = answer.messages.empty() ? kLastMessageId : answer.messages.front().id;
  if (lowest_lacking < to) answer.skipped = IdRange{lowest_lacking, to};
  // What was skipped is the business of history from now on: a slot comes again only when
  // something was added to it.
  std::vector<MessageId> known;
  for (const MessageId id : read->sent) {
    if (id >= reader.visible_from && id < to) known.push_back(id);
  }
  for (const Message& message : answer.messages) known.push_back(message.id);
  Cursor next;
  next.group = reader.group();
  next.epoch = answer.cursor.epoch;
  next.watermark = read->begin;
  next.counts = counts_of(known, read->begin);
  answer.cursor = std::move(next);
  co_return answer;
}

}  // namespace tidings
