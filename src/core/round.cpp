#include "core/round.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tidings {
namespace {

std::int64_t slot_of(Time time) { return to_ms(time) / kCountSlot.count(); }
std::int64_t slot_of(MessageId id) { return slot_of(id.sent_at()); }

Time earlier(Time time, milliseconds by) { return std::max(Time(), time - by); }

// Whole slots are read, so that they can be counted.
MessageId first_of_slot(Time time) {
  return MessageId::floor(from_ms(slot_of(time) * kCountSlot.count()));
}

// The oldest slot that the next round will read again.
std::int64_t first_counted_slot(Time watermark) {
  return slot_of(earlier(watermark, kSentOverlap));
}

using Counts = std::vector<std::pair<std::int64_t, std::uint32_t>>;

// Slots come in ascending order.
void count_one(Counts& counts, std::int64_t slot) {
  if (counts.empty() || counts.back().first != slot) counts.emplace_back(slot, 0);
  ++counts.back().second;
}

std::ptrdiff_t as_offset(std::size_t count) { return static_cast<std::ptrdiff_t>(count); }

// The id that precedes `id`; of the first one, itself.
MessageId before(MessageId id) {
  if (id == kFirstMessageId) return id;
  for (std::size_t i = id.value.bytes.size(); i-- > 0;) {
    if (id.value.bytes[i]-- != 0) break;
  }
  return id;
}

bool is_in_round(const Cursor& cursor) {
  return cursor.resume_sent.has_value() || cursor.resume_late.has_value();
}

std::uint32_t count_in(const Cursor& cursor, std::int64_t slot) {
  const auto at = std::ranges::lower_bound(cursor.counts, slot, {},
                                           [](const auto& entry) { return entry.first; });
  return at != cursor.counts.end() && at->first == slot ? at->second : 0;
}

// What of the sent axis has not been passed by the pages before.
std::span<const MessageId> unpassed(const RoundRead& read, const Cursor& cursor,
                                    MessageId visible_from, RoundRules rules) {
  const MessageId from = std::max(start_of(cursor, rules).sent_from, visible_from);
  const auto first = std::ranges::lower_bound(read.sent, from);
  return {first, read.sent.end()};
}

}  // namespace

MessageId after(MessageId id) {
  for (std::size_t i = id.value.bytes.size(); i-- > 0;) {
    if (++id.value.bytes[i] != 0) break;
  }
  return id;
}

RoundStart start_of(const Cursor& cursor, RoundRules rules) {
  const milliseconds sent_overlap = rules.read_overlap ? kSentOverlap : milliseconds(0);
  const milliseconds late_overlap = rules.read_overlap ? kLateOverlap : milliseconds(0);
  RoundStart start{first_of_slot(earlier(cursor.watermark, sent_overlap)),
                   LateArrival{earlier(cursor.watermark, late_overlap), kFirstMessageId}};
  if (cursor.resume_sent) start.sent_from = after(*cursor.resume_sent);
  if (cursor.resume_late) {
    start.late_after = LateArrival{cursor.resume_late->first, cursor.resume_late->second};
  }
  return start;
}

bool serves(const RoundRead& read, const RoundStart& start) {
  if (start.sent_from < read.start.sent_from || start.late_after < read.start.late_after) {
    return false;
  }
  // The late index is cut at its newest end, which this reader needs too.
  return !read.late_is_cut || start.late_after == read.start.late_after;
}

std::vector<SlotRows> lacking_slots(const RoundRead& read, const Cursor& cursor,
                                    MessageId visible_from, RoundRules rules) {
  // A slot that the reader may see only in part may show another part than before.
  const std::int64_t partly_visible = slot_of(visible_from);
  const auto rows = unpassed(read, cursor, visible_from, rules);
  std::vector<SlotRows> lacking;
  for (auto first = rows.begin(); first != rows.end();) {
    SlotRows slot;
    slot.slot = slot_of(*first);
    const auto end =
        std::find_if(first, rows.end(), [&slot](MessageId id) { return slot_of(id) != slot.slot; });
    slot.ids.assign(first, end);
    slot.returned_before = count_in(cursor, slot.slot);
    first = end;
    const bool is_being_sent = cursor.resume_sent && slot_of(*cursor.resume_sent) == slot.slot;
    if (is_being_sent || slot.slot <= partly_visible || slot.returned_before != slot.ids.size()) {
      lacking.push_back(std::move(slot));
    }
  }
  return lacking;
}

Counts counts_of(const std::vector<MessageId>& ids, Time watermark) {
  const std::int64_t first_slot = first_counted_slot(watermark);
  Counts counts;
  for (const MessageId id : ids) {
    if (slot_of(id) >= first_slot) count_one(counts, slot_of(id));
  }
  return counts;
}

RoundPage plan_page(const RoundRead& read, const Cursor& cursor, MessageId visible_from,
                    std::size_t limit, RoundRules rules) {
  const RoundStart start = start_of(cursor, rules);
  const auto rows = unpassed(read, cursor, visible_from, rules);
  const auto slots = lacking_slots(read, cursor, visible_from, rules);
  std::size_t sent_lacking = 0;
  for (const SlotRows& slot : slots) sent_lacking += slot.ids.size();
  // A row that stands on both axes is returned along the sent one.
  std::vector<LateArrival> late;
  for (const LateArrival& arrival : read.late) {
    const bool is_new = arrival > start.late_after && arrival.id >= visible_from;
    if (is_new && !std::ranges::binary_search(rows, arrival.id)) late.push_back(arrival);
  }

  RoundPage page;
  const MessageId from = std::max(start.sent_from, visible_from);
  const bool sent_is_short = read.sent_is_cut && (read.sent.empty() || read.sent.front() >= from);
  page.is_too_long =
      sent_is_short || read.late_is_cut || sent_lacking + late.size() > kRoundRowsMax;
  if (page.is_too_long) {
    page.lowest_lacking = from;
    for (const LateArrival& arrival : late) {
      page.lowest_lacking = std::min(page.lowest_lacking, arrival.id);
    }
    if (read.late_is_cut) page.lowest_lacking = visible_from;
    return page;
  }

  // The late index comes first: as long as the sent axis is not begun, its rows can be recognised
  // there.
  page.late.assign(late.begin(), late.begin() + as_offset(std::min(limit, late.size())));
  for (const SlotRows& slot : slots) {
    for (const MessageId id : slot.ids) {
      if (page.late.size() + page.sent.size() < limit) page.sent.push_back(id);
    }
  }
  const bool is_finished = page.sent.size() == sent_lacking && page.late.size() == late.size();

  page.next.group = cursor.group;
  page.next.epoch = cursor.epoch;
  const bool keeps_watermark = is_in_round(cursor) && rules.keep_first_watermark;
  page.next.watermark = keeps_watermark ? cursor.watermark : read.begin;
  MessageId passed = before(start.sent_from);
  if (is_finished && !rows.empty()) {
    passed = rows.back();
  } else if (!page.sent.empty()) {
    passed = page.sent.back();
  }

  // Up to `passed`, slots count what was returned; of the one in which the page before ended, that
  // part was counted then.
  auto& counts = page.next.counts;
  for (const auto& entry : cursor.counts) {
    if (cursor.resume_sent && entry.first <= slot_of(*cursor.resume_sent)) counts.push_back(entry);
  }
  for (const MessageId id : rows) {
    if (id > passed) break;
    count_one(counts, slot_of(id));
  }
  const std::int64_t first_slot = first_counted_slot(page.next.watermark);
  std::erase_if(counts, [first_slot](const auto& entry) { return entry.first < first_slot; });
  if (is_finished) return page;

  // Behind it they are still compared with what the rounds before returned.
  for (const auto& entry : cursor.counts) {
    if (entry.first > slot_of(passed)) counts.push_back(entry);
  }
  const LateArrival last_late = page.late.empty() ? start.late_after : page.late.back();
  page.next.resume_sent = passed;
  page.next.resume_late = {last_late.received_at, last_late.id};
  return page;
}

}  // namespace tidings
