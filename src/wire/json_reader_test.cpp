#include "wire/json_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

bool accepts(std::string_view bytes) { return JsonDocument::parse(bytes).has_value(); }

std::string field_refused(std::string_view bytes) {
  const auto read = JsonDocument::parse(bytes);
  if (read || read.error().fields.empty()) return "(none)";
  return read.error().fields.front().field;
}

TEST(JsonReader, ReadsEachTypeOfValue) {
  const std::string bytes =
      R"( {"a":"x","b":[1,-2.5e+3,true,false,null],"c":{"d":{}},"e":"","f":[]} )";
  const auto document = JsonDocument::parse(bytes);
  ASSERT_TRUE(document);
  const JsonValue root = document->root();
  EXPECT_TRUE(root.is(JsonType::Object));
  EXPECT_EQ(root.size(), 5u);
  EXPECT_EQ(root.find("a")->text(), "x");
  std::vector<JsonType> types;
  const JsonValue array = *root.find("b");
  for (const JsonValue value : array) types.push_back(value.type());
  EXPECT_EQ(types, (std::vector{JsonType::Number, JsonType::Number, JsonType::True, JsonType::False,
                                JsonType::Null}));
  EXPECT_EQ((*std::next(root.find("b")->begin())).text(), "-2.5e+3");
  EXPECT_EQ(root.find("c")->find("d")->size(), 0u);
  EXPECT_EQ(root.find("f")->size(), 0u);
  EXPECT_FALSE(root.find("g"));
}

TEST(JsonReader, DecodesEscapesAndKeepsUnicode) {
  const std::string bytes = R"(["\"\\\/\b\f\n\r\t","\u00e9\u4e2d\ud83d\ude42","a é中🙂 b\u0041"])";
  const auto document = JsonDocument::parse(bytes);
  ASSERT_TRUE(document);
  auto value = document->root().begin();
  EXPECT_EQ((*value).text(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ((*++value).text(), "é中🙂");
  EXPECT_EQ((*++value).text(), "a é中🙂 bA");
}

TEST(JsonReader, SurvivesBeingMoved) {
  const std::string bytes = R"({"\u0061":"\u0062"})";
  auto document = JsonDocument::parse(bytes);
  ASSERT_TRUE(document);
  const JsonDocument moved = std::move(*document);
  EXPECT_EQ(moved.root().find("a")->text(), "b");
}

TEST(JsonReader, RefusesWhatIsNotJson) {
  for (const char* bytes : {"",
                            " ",
                            "{",
                            "[",
                            "\"",
                            "[1",
                            "[1,",
                            "[1,]",
                            "[,1]",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{\"a\":1,}",
                            "{a:1}",
                            "{1:1}",
                            "01",
                            "-",
                            "+1",
                            "1.",
                            ".5",
                            "1e",
                            "1e+",
                            "0x1",
                            "NaN",
                            "Infinity",
                            "tru",
                            "nul",
                            "True",
                            "'a'",
                            "[1 2]",
                            "{\"a\":1 \"b\":2}",
                            "\"\\x\"",
                            "\"\\u12\"",
                            "\"\\u12g4\"",
                            "\"a\nb\"",
                            "// a\n1",
                            "[1]/**/",
                            "\xEF\xBB\xBF{}"}) {
    EXPECT_FALSE(accepts(bytes)) << bytes;
  }
}

TEST(JsonReader, RefusesAnythingAfterTheValue) {
  EXPECT_TRUE(accepts("{} \n\t\r"));
  EXPECT_FALSE(accepts("{}{}"));
  EXPECT_FALSE(accepts("1 1"));
  EXPECT_FALSE(accepts(std::string_view("{}\0", 3)));
}

TEST(JsonReader, RefusesCharactersThatAreNone) {
  EXPECT_FALSE(accepts(R"("\ud800")"));
  EXPECT_FALSE(accepts(R"("\ud800x")"));
  EXPECT_FALSE(accepts(R"("\ud800\n")"));
  EXPECT_FALSE(accepts(R"("\ud800\ud800")"));
  EXPECT_FALSE(accepts(R"("\udc00")"));
  EXPECT_FALSE(accepts(R"("\u0000")"));
  EXPECT_FALSE(accepts(std::string_view("\"\0\"", 3)));
  EXPECT_FALSE(accepts("\"\x1F\""));
  EXPECT_TRUE(accepts("\"\x7F\""));
}

TEST(JsonReader, RefusesBytesThatAreNotUtf8WhereverTheyStand) {
  for (const char* bad : {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8"}) {
    const std::string text(bad);
    EXPECT_FALSE(accepts("\"" + text + "\""));
    EXPECT_FALSE(accepts("\"0123456789" + text + "0123456789\""));
    EXPECT_FALSE(accepts("\"\\n" + text + "\""));
    EXPECT_FALSE(accepts("{\"" + text + "\":1}"));
    EXPECT_FALSE(accepts("[" + text + "]"));
  }
}

TEST(JsonReader, TakesSixteenLevelsAndNotSeventeen) {
  EXPECT_TRUE(accepts(nested(16)));
  EXPECT_FALSE(accepts(nested(17)));
  EXPECT_FALSE(accepts(std::string(200'000, '[')));
}

TEST(JsonReader, NamesAKeyThatIsThereTwice) {
  EXPECT_EQ(field_refused(R"({"a":1,"a":1})"), "a");
  EXPECT_EQ(field_refused(R"({"a":1,"\u0061":1})"), "a");
  EXPECT_EQ(field_refused(R"({"m":{"x":[0,{"y":1,"y":2}]}})"), "m.x[1].y");
  EXPECT_EQ(field_refused(R"({"":1,"":1})"), "");
  EXPECT_EQ(field_refused(R"({"a":{"b":1},"b":{"a":1}})"), "(none)");
}

TEST(JsonReader, FindsAKeyThatIsThereTwiceAmongMany) {
  std::string bytes = "{";
  for (int i = 0; i < 20'000; ++i) bytes += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(accepts(bytes + "\"k20000\":0}"));
  EXPECT_EQ(field_refused(bytes + "\"k777\":0}"), "k777");
}

TEST(JsonReader, SaysAtWhichByteItStopped) {
  const auto read = JsonDocument::parse("[1, 2 3]");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(read.error().detail, "A comma or ] is missing. (byte 6 of the body)");
}

}  // namespace
}  // namespace tidings
