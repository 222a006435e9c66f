#include "wire/json_writer.h"

#include <gtest/gtest.h>

#include "wire/json_reader.h"

namespace tidings {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a").number(-1);
  json.key("b").begin_array().number(2u).text("x").begin_array().end_array().null().end_array();
  json.key("c").begin_object().end_object();
  json.key("d").boolean(false);
  json.key("e").raw("{\"f\":1}");
  json.key("g").reference("alice");
  json.key("h").base64("hi");
  json.key("i").time(from_ms(0));
  json.end_object();
  EXPECT_EQ(out, R"({"a":-1,"b":[2,"x",[],null],"c":{},"d":false,"e":{"f":1},"g":"@alice",)"
                 R"("h":"aGk=","i":"1970-01-01T00:00:00.000Z"})");
}

TEST(JsonWriter, EscapesWhatMustBeAndNothingElse) {
  std::string out;
  append_json_text(out, std::string_view("\"\\/\b\f\n\r\t\x01\x1F\x7Fé中🙂", 20));
  EXPECT_EQ(out, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7Fé中🙂\"");
}

TEST(JsonWriter, WritesTextThatReadsBackWhereverTheEscapesFall) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '"';
      text[size - 1 - at] = '\n';
      std::string out;
      append_json_text(out, text);
      const auto read = JsonDocument::parse(out);
      ASSERT_TRUE(read) << out;
      EXPECT_EQ(read->root().text(), text);
    }
  }
}

}  // namespace
}  // namespace tidings
