#include "bridge/cql_values.h"

#include <gtest/gtest.h>

#include <array>

namespace tidings {
namespace {

using std::string_literals::operator""s;

TEST(CqlValues, WritesTheLengthOfEachValueBeforeIt) {
  const CqlValues values = CqlValues().int8(-2).int32(258).int64(1).boolean(true).text("ab");
  EXPECT_EQ(values.bytes(),
            "\0\0\0\x01\xfe"
            "\0\0\0\x04\0\0\x01\x02"
            "\0\0\0\x08\0\0\0\0\0\0\0\x01"
            "\0\0\0\x01\x01"
            "\0\0\0\x02"
            "ab"s);
  EXPECT_EQ(values.size(), 5u);
}

TEST(CqlValues, TellsNothingFromEmptyAndFromUnset) {
  EXPECT_EQ(CqlValues().text("").bytes(), "\0\0\0\0"s);
  EXPECT_EQ(CqlValues().null().bytes(), "\xff\xff\xff\xff"s);
  EXPECT_EQ(CqlValues().unset().bytes(), "\xff\xff\xff\xfe"s);
}

TEST(CqlValues, WritesAListAsOneValue) {
  const std::array<std::int64_t, 2> numbers{1, 2};
  const CqlValues values = CqlValues().int64s(numbers);
  EXPECT_EQ(values.bytes(),
            "\0\0\0\x1c"
            "\0\0\0\x02"
            "\0\0\0\x08\0\0\0\0\0\0\0\x01"
            "\0\0\0\x08\0\0\0\0\0\0\0\x02"s);
  EXPECT_EQ(values.size(), 1u);
  EXPECT_EQ(CqlValues().uuids({}).bytes(), "\0\0\0\x04\0\0\0\0"s);
}

TEST(CqlValues, WritesATimeInMilliseconds) {
  EXPECT_EQ(CqlValues().time(from_ms(-1)).bytes(), "\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\xff"s);
}

}  // namespace
}  // namespace tidings
