#include "app/client_import.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

const UserId kAuthor{*Uuid::parse("447d1b5b-dc35-42b0-89b1-3b0afd226c88")};
const Time kThen = *parse_time("2019-05-01T09:30:00Z");

TEST(ClientImport, TheSameLineHasTheSameIdEachTime) {
  const OldMessage message{"@bob", kThen, "hello", {}};
  const MessageId id = old_message_id(message, 0, kAuthor);
  EXPECT_EQ(id, old_message_id(message, 0, kAuthor));
  EXPECT_EQ(id, id.tagged(kAuthor));
  EXPECT_EQ(id.sent_at(), kThen);
  EXPECT_TRUE(MessageId::parse(id.to_string()).has_value());
}

TEST(ClientImport, LinesOfOneMillisecondKeepTheirOrder) {
  MessageId last{};
  for (std::size_t nth = 0; nth < 4'096; ++nth) {
    const MessageId id = old_message_id({"@bob", kThen, "same", {}}, nth, kAuthor);
    ASSERT_LT(last, id);
    last = id;
  }
}

TEST(ClientImport, OtherTextOrTargetIsAnotherId) {
  const MessageId id = old_message_id({"@bob", kThen, "hello", {}}, 0, kAuthor);
  EXPECT_NE(id, old_message_id({"@bob", kThen, "hallo", {}}, 0, kAuthor));
  EXPECT_NE(id, old_message_id({"@eve", kThen, "hello", {}}, 0, kAuthor));
}

TEST(ClientImport, ALineNamesWhatIsWrongWithIt) {
  const auto good =
      parse_old_message(R"({"sent_at":"2019-05-01T09:30:00Z","text":"hello"})", "@bob");
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->to, "@bob");
  EXPECT_EQ(good->sent_at, kThen);
  const auto bad = parse_old_message(R"({"sent_at":"then","txt":"hello"})", "");
  ASSERT_FALSE(bad.has_value());
  std::string fields;
  for (const FieldError& field : bad.error().fields) fields += field.field + ' ';
  EXPECT_EQ(fields, "to sent_at text txt ");
  EXPECT_FALSE(parse_old_message("[]", "@bob").has_value());
}

}  // namespace
}  // namespace tidings
