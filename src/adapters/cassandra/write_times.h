#pragma once

#include <cstdint>

#include "model/message.h"

// The timestamps of cells (µs), which decide who wins whatever the order in which writes come. At
// equal timestamps Cassandra keeps the greater value, so each value is made such that this is
// right too.
namespace tidings::cassandra {

inline constexpr milliseconds kBelowErasure = seconds(65);

inline std::int64_t to_us(Time time) { return to_ms(time) * 1'000; }

// Of a row: the earlier received wins, because received_at is subtracted. It is below the clock of
// whoever erases the row later, as a message may be at most 10 s ahead. Of two that were received
// in the same millisecond, either, but the same everywhere.
inline std::int64_t row_written_at(const Message& message) {
  return 2 * to_us(message.sent_at()) - to_us(message.received_at) - to_us(Time(kBelowErasure));
}

// Of an amendment's slot: the later sent wins. Within a millisecond the greater id does, because
// the value begins with it (slot_record.h).
inline std::int64_t slot_written_at(MessageId id) { return to_us(id.sent_at()); }

// Of a head: it only grows.
inline std::int64_t head_written_at(Time at) { return to_us(at); }

}  // namespace tidings::cassandra
