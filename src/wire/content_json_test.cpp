#include "wire/content_json.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

const auto kUuid = *Uuid::parse("0190163d-8694-739b-aea5-966c26f8ad91");

Result<Content> decoded(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  Content content = decode_content(fields);
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return content;
}

std::string field_refused(std::string_view body) {
  const auto content = decoded(body);
  return content || content.error().fields.empty() ? "(none)" : content.error().fields[0].field;
}

Message message_with(Content content) {
  return Message{MessageId{kUuid},           GroupId{kUuid}, UserId{kUuid},     "alice",
                 MessageId{kUuid}.sent_at(), false,          std::move(content)};
}

TEST(ContentJson, DecodesEachFieldOfEachKind) {
  const auto text =
      decoded(R"({"text":"hi","links":["https://a"],"metadata":{"b":1,"a":2},"mentions":["@bob"],)"
              R"("reply_to":"0190163D-8694-739b-aea5-966c26f8ad91"})");
  ASSERT_TRUE(text);
  Content expected;
  expected.text = "hi";
  expected.links = {"https://a"};
  expected.metadata = R"({"a":2,"b":1})";
  expected.mentions = {"bob"};
  expected.reply_to = MessageId{kUuid};
  EXPECT_EQ(*text, expected);

  const auto reaction =
      decoded(R"({"kind":"reaction","target":"0190163d-8694-739b-aea5-966c26f8ad91","emoji":"👍",)"
              R"("remove":true})");
  ASSERT_TRUE(reaction);
  expected = {};
  expected.kind = Kind::Reaction;
  expected.target = MessageId{kUuid};
  expected.emoji = "👍";
  expected.remove = true;
  EXPECT_EQ(*reaction, expected);

  const auto opaque = decoded(R"({"kind":"opaque","ciphertext":"aGk=","scheme":"mls"})");
  ASSERT_TRUE(opaque);
  expected = {};
  expected.kind = Kind::Opaque;
  expected.ciphertext = "hi";
  expected.scheme = "mls";
  EXPECT_EQ(*opaque, expected);
}

TEST(ContentJson, RefusesFieldsThatTheKindDoesNotKnow) {
  EXPECT_EQ(field_refused(R"({"text":"hi","emoji":""})"), "emoji");
  EXPECT_EQ(field_refused(R"({"text":"hi","remove":false})"), "remove");
  EXPECT_EQ(field_refused(R"({"kind":"delete","links":[]})"), "links");
  EXPECT_EQ(field_refused(R"({"kind":"edit","text":"hi","metadata":{}})"), "metadata");
}

TEST(ContentJson, IsTheSameWhateverTheSpelling) {
  EXPECT_EQ(
      *decoded(R"({"text":"A","metadata":{"x":1,"y":2}})"),
      *decoded(R"({ "metadata":{"y":2,"\u0078":1},"kind":"text","text":"\u0041","links":[]})"));
}

TEST(ContentJson, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(field_refused(R"({"kind":"shout"})"), "kind");
  EXPECT_EQ(field_refused(R"({"mentions":["@bob","carol"]})"), "mentions[1]");
  EXPECT_EQ(field_refused(R"({"reply_to":"0190163d-8694-439b-aea5-966c26f8ad91"})"), "reply_to");
  EXPECT_EQ(field_refused(R"({"kind":"edit","target":"x"})"), "target");
  EXPECT_EQ(field_refused(R"({"kind":"opaque","ciphertext":"aGk"})"), "ciphertext");
  EXPECT_EQ(field_refused(R"({"kind":"opaque","ciphertext":"aG-_"})"), "ciphertext");
  EXPECT_EQ(field_refused(R"({"metadata":"{}"})"), "metadata");
}

TEST(ContentJson, WritesWhatAMessageHas) {
  Content content;
  content.text = "say \"hi\"";
  content.mentions = {"bob"};
  content.metadata = R"({"a":1})";
  std::string out;
  JsonWriter json(out);
  append_message(json, ShownMessage{message_with(content), {}, false, {}});
  EXPECT_EQ(out, R"({"id":"0190163d-8694-739b-aea5-966c26f8ad91",)"
                 R"("group":"0190163d-8694-739b-aea5-966c26f8ad91","from":"@alice",)"
                 R"("from_id":"0190163d-8694-739b-aea5-966c26f8ad91","kind":"text",)"
                 R"("sent_at":"2024-06-14T10:14:09.300Z","received_at":"2024-06-14T10:14:09.300Z",)"
                 R"("late":false,"text":"say \"hi\"","metadata":{"a":1},"mentions":["@bob"]})");
}

TEST(ContentJson, ShowsNothingOfADeletedBody) {
  Content content;
  content.text = "secret";
  content.links = {"https://secret"};
  std::string out;
  JsonWriter json(out);
  append_message(json, ShownMessage{message_with(content), from_ms(5), true, {}});
  EXPECT_EQ(out.find("secret"), std::string::npos);
  EXPECT_NE(out.find(R"("deleted":true)"), std::string::npos);
  EXPECT_EQ(out.find("edited_at"), std::string::npos);
}

}  // namespace
}  // namespace tidings
