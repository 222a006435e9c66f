#pragma once

#include <cstdint>
#include <vector>

#include "core/round_rules.h"
#include "model/cursor.h"
#include "model/digest.h"
#include "model/limits.h"
#include "model/message.h"
#include "ports/message_store.h"

// A round: how a reader catches up on a store that has no exact order of arrival. Pure; the reads
// are in round_reads.h.
//
// The reader's watermark W says that everything that arrived before W was returned. A round reads
//   the sent axis from W - 8 s on: whatever is on time and was not visible when W was taken was
//     sent after that (5 s late limit + 2 s write deadline + 1 s clock skew);
//   the late index from W - 3 s on: the same for what is late.
// Rows that were returned before are recognised by the counts of 250 ms slots in the cursor: rows
// only ever appear, so an equal count is an equal set.
namespace tidings {

// Where a round begins to read.
struct RoundStart {
  MessageId sent_from;     // inclusive
  LateArrival late_after;  // exclusive
};

// What one look at the store saw; shared by all readers that waited for it.
struct RoundRead {
  Time begin;     // the watermark of whoever has been given all of it
  Instant begun;  // the same moment by the monotonic clock
  RoundStart start;
  std::vector<MessageId> sent;    // ascending; the newest of them if there were too many
  bool sent_is_cut = false;       // older ones were left out
  std::vector<LateArrival> late;  // ascending by arrival; the oldest if there were too many
  bool late_is_cut = false;       // newer ones were left out
  std::vector<Message> newest;    // the rows of the last of `sent`, in the same order
};

// What goes into one answer.
struct RoundPage {
  std::vector<MessageId> sent;
  std::vector<LateArrival> late;
  Cursor next;
  // More than 1,000 rows are lacking, or more than the read could hold: nothing else here is
  // meant, but that the lowest id that may be lacking is this one.
  bool is_too_long = false;
  MessageId lowest_lacking = kFirstMessageId;
};

RoundStart start_of(const Cursor& cursor, RoundRules rules);

// Whether `read`, made for several readers, holds what one that begins at `start` needs.
bool serves(const RoundRead& read, const RoundStart& start);

// The next `limit` rows that the holder of `cursor` lacks and may see (id >= visible_from), first
// along the late index, then along the sent axis.
RoundPage plan_page(const RoundRead& read, const Cursor& cursor, MessageId visible_from,
                    std::size_t limit, RoundRules rules);

// Rows along the sent axis that share a 250 ms slot.
struct SlotRows {
  std::int64_t slot = 0;
  std::uint32_t returned_before = 0;  // of the slot, as the cursor says
  std::vector<MessageId> ids;
};
// The slots of which the holder of `cursor` may lack something.
std::vector<SlotRows> lacking_slots(const RoundRead& read, const Cursor& cursor,
                                    MessageId visible_from, RoundRules rules);

// The counts for a cursor with `watermark` whose holder has all of these rows (ascending).
std::vector<std::pair<std::int64_t, std::uint32_t>> counts_of(const std::vector<MessageId>& ids,
                                                              Time watermark);

// The id that follows `id`.
MessageId after(MessageId id);

}  // namespace tidings
