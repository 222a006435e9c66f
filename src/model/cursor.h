#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace tidings {

// Where a store is: a new one after a restore, an import or a move, so that positions of another
// life are not mistaken for this one's.
using StoreEpoch = std::uint32_t;

// Where a reader of one group stands on the arrival axis. Held by the client, never by us; it never
// expires.
struct Cursor {
  GroupId group;
  StoreEpoch epoch = 0;
  // Everything that arrived before it has been returned (up to the overlap of design: late writes,
  // clock skew).
  Time watermark;
  // The exact position in the arrival log, of a store that has one.
  std::optional<std::uint64_t> sequence;
  // Set while a round does not fit one answer: the last id returned of it.
  std::optional<MessageId> resume_sent;
  std::optional<std::pair<Time, MessageId>> resume_late;
  // How many rows of each non-empty 250 ms slot of the sent overlap were returned: (slot number,
  // rows), ascending, slot number = sent_at / 250 ms. An equal count is an equal set.
  std::vector<std::pair<std::int64_t, std::uint32_t>> counts;

  // The reader must come back before it is done.
  bool more() const { return resume_sent.has_value() || resume_late.has_value() || in_log; }
  bool in_log = false;  // exact: the log held more than one answer

  bool operator==(const Cursor&) const = default;
};

// At most 512 URL-safe characters. Counts that do not fit are left out: their slots are sent again.
std::string encode(const Cursor& cursor);

// Errors: InvalidCursor   not one of ours, or of another group. The bytes are hostile input:
// whatever decodes
//                         shows nothing that its bearer may not read.
Result<Cursor> decode_cursor(std::string_view text, GroupId group);

// Where a reader of their status stands.
struct StatusCursor {
  StoreEpoch epoch = 0;
  Time watermark;  // of the finished round
  std::optional<Time>
      since;  // the watermark that the round under way compares with; absent: all groups
  std::optional<GroupId> after;  // set while a round does not fit one answer
  bool operator==(const StatusCursor&) const = default;
};
std::string encode(const StatusCursor& cursor);
Result<StatusCursor> decode_status_cursor(std::string_view text);

// Where a reader of a list stands: the last item of the page.
std::string encode_list_cursor(const Uuid& last);
Result<Uuid> decode_list_cursor(std::string_view text);

}  // namespace tidings
