#include "model/cursor.h"

#include "base/bytes.h"
#include "model/limits.h"

namespace tidings {
namespace {

constexpr std::uint8_t kVersion = 1;
enum Flags : std::uint8_t { kHasSequence = 1, kHasResumeSent = 2, kHasResumeLate = 4, kInLog = 8 };
enum StatusFlags : std::uint8_t { kHasSince = 1, kHasAfter = 2 };
// Fits 512 characters of base64: 384 bytes.
constexpr std::size_t kCursorBytesMax = kCursorCharactersMax / 4 * 3;

std::unexpected<Error> bad_cursor() {
  return fail(ErrorCode::InvalidCursor, "This cursor is not one of this list. Start without one.");
}

// What fits the 48 bits of an id. Nothing of ours is outside, and sums of it never overflow.
bool is_sane(Time time) { return to_ms(time) >= 0 && to_ms(time) < (1LL << 48); }

std::optional<std::string> open(std::string_view text) {
  if (text.empty() || text.size() > kCursorCharactersMax) return std::nullopt;
  return from_base64url(text);
}

}  // namespace

// version u8 | flags u8 | group 16 | epoch u32 | watermark u64 | [sequence varint] | [resume_sent
// 16] | [resume_late time u64, id 16] | first slot varint, then (gap varint, rows varint)…
std::string encode(const Cursor& cursor) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(
      (cursor.sequence ? kHasSequence : 0) | (cursor.resume_sent ? kHasResumeSent : 0) |
      (cursor.resume_late ? kHasResumeLate : 0) | (cursor.in_log ? kInLog : 0)));
  writer.uuid(cursor.group.value);
  writer.u32(cursor.epoch);
  writer.time(cursor.watermark);
  if (cursor.sequence) writer.varint(*cursor.sequence);
  if (cursor.resume_sent) writer.uuid(cursor.resume_sent->value);
  if (cursor.resume_late) {
    writer.time(cursor.resume_late->first);
    writer.uuid(cursor.resume_late->second.value);
  }
  // The newest slots are the ones that will be read again soonest, so the oldest are left out
  // first.
  std::size_t first = cursor.counts.size();
  constexpr std::size_t kFirstSlotBytes = 10;
  std::size_t room = kCursorBytesMax - bytes.size() - kFirstSlotBytes;
  while (first > 0) {
    const auto& [slot, rows] = cursor.counts[first - 1];
    std::string one;
    ByteWriter pair(one);
    pair.varint(first > 1 ? static_cast<std::uint64_t>(slot - cursor.counts[first - 2].first) : 0);
    pair.varint(rows);
    if (one.size() > room) break;
    room -= one.size();
    --first;
  }
  std::int64_t previous = 0;
  for (std::size_t i = first; i < cursor.counts.size(); ++i) {
    const auto& [slot, rows] = cursor.counts[i];
    writer.varint(static_cast<std::uint64_t>(slot - previous));
    writer.varint(rows);
    previous = slot;
  }
  return to_base64url(bytes);
}

Result<Cursor> decode_cursor(std::string_view text, GroupId group) {
  const auto bytes = open(text);
  if (!bytes) return bad_cursor();
  ByteReader reader(*bytes);
  Cursor cursor;
  if (reader.u8() != kVersion) return bad_cursor();
  const auto flags = reader.u8();
  cursor.group = GroupId{reader.uuid()};
  cursor.epoch = reader.u32();
  cursor.watermark = reader.time();
  if (flags & kHasSequence) cursor.sequence = reader.varint();
  if (flags & kHasResumeSent) cursor.resume_sent = MessageId{reader.uuid()};
  if (flags & kHasResumeLate) {
    const Time at = reader.time();
    cursor.resume_late = {at, MessageId{reader.uuid()}};
  }
  cursor.in_log = (flags & kInLog) != 0;
  std::int64_t slot = 0;
  while (reader.ok() && !reader.at_end()) {
    const auto gap = reader.varint();
    const auto rows = reader.varint();
    const bool sane =
        (slot == 0 || gap > 0) && gap < (1ULL << 48) && rows > 0 && rows < (1ULL << 32);
    if (!reader.ok() || !sane) return bad_cursor();
    slot += static_cast<std::int64_t>(gap);
    if (slot >= (1LL << 48)) return bad_cursor();
    cursor.counts.emplace_back(slot, static_cast<std::uint32_t>(rows));
  }
  const bool sane_times =
      is_sane(cursor.watermark) && (!cursor.resume_late || is_sane(cursor.resume_late->first));
  if (!reader.ok() || !sane_times || cursor.group != group || (flags & 0xF0) != 0)
    return bad_cursor();
  return cursor;
}

// version u8 | flags u8 | epoch u32 | watermark u64 | [since u64] | [after 16]
std::string encode(const StatusCursor& cursor) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(
      static_cast<std::uint8_t>((cursor.since ? kHasSince : 0) | (cursor.after ? kHasAfter : 0)));
  writer.u32(cursor.epoch);
  writer.time(cursor.watermark);
  if (cursor.since) writer.time(*cursor.since);
  if (cursor.after) writer.uuid(cursor.after->value);
  return to_base64url(bytes);
}

Result<StatusCursor> decode_status_cursor(std::string_view text) {
  const auto bytes = open(text);
  if (!bytes) return bad_cursor();
  ByteReader reader(*bytes);
  StatusCursor cursor;
  if (reader.u8() != kVersion) return bad_cursor();
  const auto flags = reader.u8();
  cursor.epoch = reader.u32();
  cursor.watermark = reader.time();
  if (flags & kHasSince) cursor.since = reader.time();
  if (flags & kHasAfter) cursor.after = GroupId{reader.uuid()};
  if (!reader.at_end() || !is_sane(cursor.watermark) || (cursor.since && !is_sane(*cursor.since)) ||
      (flags & 0xFC) != 0) {
    return bad_cursor();
  }
  return cursor;
}

std::string encode_list_cursor(const Uuid& last) { return to_base64url(as_text(last.bytes)); }

Result<Uuid> decode_list_cursor(std::string_view text) {
  const auto bytes = open(text);
  if (!bytes || bytes->size() != 16) return bad_cursor();
  return ByteReader(*bytes).uuid();
}

}  // namespace tidings
