#include "model/cursor.h"

#include <gtest/gtest.h>

#include "model/limits.h"

namespace tidings {
namespace {

const GroupId kGroup{Uuid::v4()};
const Time kNow = from_ms(1'795'000'000'000);

Cursor in_a_round() {
  Cursor cursor;
  cursor.group = kGroup;
  cursor.epoch = 3;
  cursor.watermark = kNow;
  cursor.sequence = 70'000;
  cursor.resume_sent = MessageId{Uuid::v7(kNow)};
  cursor.resume_late = {kNow, MessageId{Uuid::v7(kNow)}};
  cursor.counts = {{to_ms(kNow) / 250 - 4, 1}, {to_ms(kNow) / 250, 12'345}};
  cursor.in_log = true;
  return cursor;
}

TEST(Cursor, SurvivesBeingWritten) {
  const Cursor cursor = in_a_round();
  EXPECT_EQ(decode_cursor(encode(cursor), kGroup), cursor);
  Cursor least;
  least.group = kGroup;
  EXPECT_EQ(decode_cursor(encode(least), kGroup), least);
}

TEST(Cursor, LeavesOutTheOldestCountsThatDoNotFit) {
  Cursor cursor = in_a_round();
  cursor.counts.clear();
  for (int slot = 0; slot < 1'000; ++slot) {
    cursor.counts.emplace_back(to_ms(kNow) / 250 + slot, 1'000'000);
  }
  const std::string text = encode(cursor);
  EXPECT_LE(text.size(), kCursorCharactersMax);
  const auto counts = decode_cursor(text, kGroup)->counts;
  ASSERT_GE(counts.size(), 32u);  // eight seconds of slots
  EXPECT_EQ(counts, decltype(counts)(cursor.counts.end() - static_cast<int>(counts.size()),
                                     cursor.counts.end()));
}

TEST(Cursor, OfAnotherGroupIsRefused) {
  EXPECT_FALSE(decode_cursor(encode(in_a_round()), GroupId{Uuid::v4()}));
}

TEST(Cursor, WithATimeThatNobodyHasIsRefused) {
  for (const Time never : {from_ms(-1), from_ms(1LL << 48), from_ms(INT64_MIN)}) {
    Cursor cursor = in_a_round();
    cursor.watermark = never;
    EXPECT_FALSE(decode_cursor(encode(cursor), kGroup)) << to_ms(never);
    cursor = in_a_round();
    cursor.resume_late->first = never;
    EXPECT_FALSE(decode_cursor(encode(cursor), kGroup)) << to_ms(never);
  }
  Cursor cursor = in_a_round();
  cursor.counts = {{1LL << 47, 1}, {(1LL << 47) + (1LL << 47), 1}};
  EXPECT_FALSE(decode_cursor(encode(cursor), kGroup));
}

}  // namespace
}  // namespace tidings
