#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace tidings {
namespace {

TEST(Bytes, ReadsWhatItWrote) {
  std::string out;
  ByteWriter writer(out);
  writer.u8(1);
  writer.u32(0xDEADBEEF);
  writer.varint(300);
  writer.text("héllo");
  ByteReader reader(out);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u32(), 0xDEADBEEF);
  EXPECT_EQ(reader.varint(), 300u);
  EXPECT_EQ(reader.text(), "héllo");
  EXPECT_TRUE(reader.at_end());
}

TEST(Bytes, AReaderThatRanOutStaysBroken) {
  ByteReader reader(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7Fx", 11));
  reader.text();
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
}

TEST(Bytes, CountsCodePointsAndRefusesWhatIsNotUtf8) {
  EXPECT_EQ(utf8_length("aé中🙂"), 4u);
  for (std::size_t plain = 0; plain < 20; ++plain) {
    const std::string run(plain, 'a');
    EXPECT_EQ(utf8_length(run + "é" + run), 2 * plain + 1);
    EXPECT_FALSE(utf8_length(run + "\x80" + run));
  }
  EXPECT_FALSE(utf8_length("\xC0\x80"));          // overlong
  EXPECT_FALSE(utf8_length("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(utf8_length("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(utf8_length("\xE4\xB8"));          // cut short
}

TEST(Base64, IsStrict) {
  EXPECT_EQ(from_base64("aGk="), "hi");
  EXPECT_FALSE(from_base64("aGk"));
  EXPECT_FALSE(from_base64("aGk=\n"));
  EXPECT_EQ(from_base64url(to_base64url("\xFF\xFEhi")), "\xFF\xFEhi");
}

TEST(Uuid, Version5IsTheOneOfRfc9562) {
  const auto dns = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::v5(*dns, "www.example.com").to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, Version7KeepsItsMillisecondAndSortsByIt) {
  const Time time = from_ms(1'764'000'000'123);
  const Uuid id = Uuid::v7(time);
  EXPECT_EQ(id.version(), 7);
  EXPECT_EQ(id.time(), time);
  EXPECT_LT(Uuid::v7_floor(time), id);
  EXPECT_LT(id, Uuid::v7_floor(time + milliseconds(1)));
  EXPECT_EQ(Uuid::parse(id.to_string()), id);
  EXPECT_FALSE(Uuid::parse("0190163d-8694-739b-aea5-966c26f8ad9"));
}

TEST(Sha256, IsTheOneOfFips180) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Time, IsWrittenAndReadAsRfc3339) {
  EXPECT_EQ(format_time(from_ms(1'795'449'845'678)), "2026-11-23T16:04:05.678Z");
  EXPECT_EQ(parse_time("2026-11-23T16:04:05.678Z"), from_ms(1'795'449'845'678));
  EXPECT_EQ(parse_time("2026-11-23T18:04:05.6789+02:00"), from_ms(1'795'449'845'678));
  EXPECT_FALSE(parse_time("2026-02-30T00:00:00Z"));
  EXPECT_FALSE(parse_time("2026-11-23"));
}

}  // namespace
}  // namespace tidings
