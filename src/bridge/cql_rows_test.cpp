#include "bridge/cql_rows.h"

#include <gtest/gtest.h>

#include <utility>

#include "bridge/cql_values.h"

namespace tidings {
namespace {

CqlRows rows_of(const CqlValues& cells, std::size_t width) {
  const std::string& bytes = cells.bytes();
  return {std::vector<char>(bytes.begin(), bytes.end()), width, cells.size() / width, "next"};
}

TEST(CqlRows, ReadWhatCqlValuesWrote) {
  const Uuid id = Uuid::v4();
  const CqlRows rows = rows_of(CqlValues()
                                   .uuid(id)
                                   .int8(-3)
                                   .int32(-4)
                                   .int64(-5)
                                   .time(from_ms(6))
                                   .boolean(true)
                                   .text("seven")
                                   .blob(std::string(1, '\0')),
                               8);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].uuid(0), id);
  EXPECT_EQ(rows[0].int8(1), -3);
  EXPECT_EQ(rows[0].int32(2), -4);
  EXPECT_EQ(rows[0].int64(3), -5);
  EXPECT_EQ(rows[0].time(4), from_ms(6));
  EXPECT_TRUE(rows[0].boolean(5));
  EXPECT_EQ(rows[0].text(6), "seven");
  EXPECT_EQ(rows[0].blob(7), std::string_view("\0", 1));
  EXPECT_EQ(rows.next_page(), "next");
}

TEST(CqlRows, GiveTheZeroOfTheTypeForANull) {
  const CqlRows rows =
      rows_of(CqlValues().null().null().null().null().null().null().null().text(""), 8);
  for (std::size_t column = 0; column < 7; ++column) EXPECT_TRUE(rows[0].is_null(column));
  EXPECT_EQ(rows[0].uuid(0), Uuid{});
  EXPECT_EQ(rows[0].int8(1), 0);
  EXPECT_EQ(rows[0].int32(2), 0);
  EXPECT_EQ(rows[0].int64(3), 0);
  EXPECT_EQ(rows[0].time(4), from_ms(0));
  EXPECT_FALSE(rows[0].boolean(5));
  EXPECT_EQ(rows[0].text(6), "");
  EXPECT_FALSE(rows[0].is_null(7));
}

TEST(CqlRows, AreReadAfterTheyMovedHoweverSmall) {
  CqlRows rows = rows_of(CqlValues().text("a").text("b"), 1);
  const CqlRows moved = std::move(rows);
  ASSERT_EQ(moved.size(), 2u);
  EXPECT_EQ(moved[0].text(0), "a");
  EXPECT_EQ(moved[1].text(0), "b");
}

TEST(CqlRows, SayWhetherAConditionHeld) {
  EXPECT_TRUE(rows_of(CqlValues().boolean(true), 1).applied());
  EXPECT_FALSE(rows_of(CqlValues().boolean(false).text("what stands there"), 2).applied());
  EXPECT_FALSE(CqlRows().applied());
}

TEST(CqlRowsDeathTest, StopTheProcessWhenTheSchemaIsNotOurs) {
  const CqlRows rows = rows_of(CqlValues().int32(1), 1);
  EXPECT_DEATH(rows[0].int64(0), "another type");
  EXPECT_DEATH(rows[0].int32(1), "not selected");
}

}  // namespace
}  // namespace tidings
