#include "adapters/cassandra/slot_record.h"

#include <gtest/gtest.h>

#include "adapters/cassandra/write_times.h"

namespace tidings::cassandra {
namespace {

const Time kSent = from_ms(1'700'000'000'000);
const UserId kAlice{Uuid::v5({}, "alice")};

Amendment edit(MessageId id, std::string text) {
  return {.target = {},
          .id = id,
          .author = kAlice,
          .kind = Kind::Edit,
          .text = std::move(text),
          .emoji = {},
          .remove = false};
}

TEST(SlotRecord, BringsAnAmendmentBack) {
  const Amendment written = edit(MessageId::mint(kSent, kAlice), "text");
  const std::string bytes = encode_slot(written, kSent, false);
  Amendment read;
  ASSERT_TRUE(decode_slot(bytes, read));
  EXPECT_EQ(read, written);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_slot(std::string_view(bytes).substr(0, size), read)) << size;
  }
}

// The store keeps the greater bytes of what has one timestamp.
TEST(SlotRecord, IsGreaterForTheWinnerOfOneMillisecond) {
  MessageId one = MessageId::mint(kSent, kAlice);
  MessageId other = MessageId::mint(kSent, kAlice);
  if (other < one) std::swap(one, other);
  EXPECT_EQ(slot_written_at(one), slot_written_at(other));
  EXPECT_LT(encode_slot(edit(one, "zzz"), kSent, false),
            encode_slot(edit(other, "a"), kSent + seconds(1), false));
  EXPECT_LT(encode_slot(edit(one, "zzz"), kSent + milliseconds(1), false),
            encode_slot(edit(one, "a"), kSent, false));
  EXPECT_LT(encode_slot(edit(one, "zzz"), kSent, false),
            encode_slot(edit(one, ""), kSent + seconds(1), true));
  EXPECT_LT(encode_slot(edit(one, ""), kSent, true), encode_slot(edit(other, "a"), kSent, false));
}

TEST(WriteTimes, LetTheEarlierReceivedWinAndAnErasureBeatBoth) {
  Message early;
  early.id = MessageId::mint(kSent, kAlice);
  // The sender's clock may be 10 s ahead.
  early.received_at = kSent - seconds(10);
  Message late = early;
  late.received_at = kSent + std::chrono::hours(24 * 30);
  EXPECT_GT(row_written_at(early), row_written_at(late));
  EXPECT_LT(row_written_at(early), to_us(early.received_at));
}

}  // namespace
}  // namespace tidings::cassandra
