#include "model/message_record.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

const Time kThen = from_ms(1'700'000'000'123);

Message full_message() {
  Message message;
  message.author = UserId{Uuid::v5({}, "alice")};
  message.author_name = "alice";
  message.received_at = kThen;
  message.erased = true;
  message.content = {.kind = Kind::Opaque,
                     .text = "text",
                     .links = {"https://example.org", ""},
                     .metadata = "{}",
                     .mentions = {"bob", "carol"},
                     .reply_to = MessageId{Uuid::v5({}, "one")},
                     .target = MessageId{Uuid::v5({}, "two")},
                     .emoji = "👍",
                     .remove = true,
                     .ciphertext = std::string("\0\1", 2),
                     .scheme = "mls"};
  return message;
}

// The record comes back; and from any part of its bytes, or any bytes that differ in one, decoding
// gives an answer.
template <class Record>
void expect_round_trip(const Record& record, Record blank) {
  const std::string bytes = encode(record);
  Record back = blank;
  ASSERT_TRUE(decode(bytes, back));
  EXPECT_EQ(back, record);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Record part = blank;
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size), part)) << size;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      Record some = blank;
      decode(damaged, some);
    }
  }
  Record longer = blank;
  EXPECT_FALSE(decode(bytes + "x", longer));
}

TEST(MessageRecord, BringsEveryFieldOfAMessageBack) {
  expect_round_trip(full_message(), Message{});
}

TEST(MessageRecord, HashesWhatIsSaidAndNothingElse) {
  const Message message = full_message();
  Message again = message;
  again.author_name = "Alice";
  EXPECT_EQ(content_hash(again.content), content_hash(message.content));
  again.content.links.pop_back();
  EXPECT_NE(content_hash(again.content), content_hash(message.content));
  again = message;
  again.content.kind = Kind::Text;
  EXPECT_NE(content_hash(again.content), content_hash(message.content));
}

TEST(MessageRecord, BringsAnAmendmentBack) {
  const Amendment amendment{.target = {},
                            .id = MessageId{Uuid::v5({}, "id")},
                            .author = UserId{Uuid::v5({}, "alice")},
                            .kind = Kind::Reaction,
                            .text = "text",
                            .emoji = "👍",
                            .remove = true};
  expect_round_trip(amendment, Amendment{});
}

TEST(MessageRecord, BringsASumBack) {
  DigestSum sum;
  sum.add(MessageId{Uuid::v5({}, "one")});
  sum.add(MessageId{Uuid::v5({}, "two")});
  expect_round_trip(sum, DigestSum{});
}

}  // namespace
}  // namespace tidings
