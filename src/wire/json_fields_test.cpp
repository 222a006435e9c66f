#include "wire/json_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/metadata.h"

namespace tidings {
namespace {

using testing::ElementsAre;

// Reads one object the way a decoder does and hands back the names of the fields it refused.
std::vector<std::string> refused(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return {"(not JSON)"};
  JsonFields fields(document->root());
  fields.required_text("name");
  fields.boolean("flag");
  fields.number("limit", 1, 200);
  fields.texts("list");
  fields.object("object");
  const auto done = fields.finish();
  if (done) return {};
  std::vector<std::string> names;
  for (const auto& field : done.error().fields) names.push_back(field.field);
  return names;
}

TEST(JsonFields, TakesWhatItKnows) {
  EXPECT_THAT(refused(R"({"name":"a","flag":true,"limit":200,"list":["x"],"object":{}})"),
              ElementsAre());
  EXPECT_THAT(refused(R"({"name":"a"})"), ElementsAre());
}

TEST(JsonFields, NamesEachFieldThatIsWrong) {
  EXPECT_THAT(refused(R"({"name":1,"flag":"true","limit":0,"list":[1],"object":[]})"),
              ElementsAre("name", "flag", "limit", "list[0]", "object"));
  EXPECT_THAT(refused(R"({})"), ElementsAre("name"));
  EXPECT_THAT(refused(R"({"name":null})"), ElementsAre("name"));
}

TEST(JsonFields, RefusesUnknownFields) {
  EXPECT_THAT(refused(R"({"name":"a","Name":"b","x":1})"), ElementsAre("Name", "x"));
}

TEST(JsonFields, TakesWholeNumbersOnly) {
  for (const char* number : {"1.0", "1e1", "-1", "201", "99999999999999999999"}) {
    EXPECT_THAT(refused(R"({"name":"a","limit":)" + std::string(number) + "}"),
                ElementsAre("limit"));
  }
}

TEST(JsonFields, RefusesABodyThatIsNoObject) {
  for (const char* body : {"[]", "1", "\"a\"", "null", "[{\"name\":\"a\"}]"}) {
    const auto document = JsonDocument::parse(body);
    JsonFields fields(document->root());
    fields.text("name");
    const auto done = fields.finish();
    ASSERT_FALSE(done) << body;
    EXPECT_EQ(done.error().detail, "The body must be a JSON object.");
  }
}

std::string metadata_of(std::string_view body) {
  return canonical_metadata(JsonDocument::parse(body)->root());
}

TEST(Metadata, HasOneSpellingWhateverTheOrderAndTheEscapes) {
  EXPECT_EQ(metadata_of(R"({ "b" : [ 1 , {"d":null,"c":true} ], "\u0061" : "\u0041\/" })"),
            R"({"a":"A/","b":[1,{"c":true,"d":null}]})");
  EXPECT_EQ(metadata_of("{}"), "");
}

TEST(Metadata, KeepsTheDigitsOfNumbers) {
  EXPECT_EQ(metadata_of(R"({"a":1.0,"b":1,"c":12345678901234567890.5,"d":-0,"e":1E+2})"),
            R"({"a":1.0,"b":1,"c":12345678901234567890.5,"d":-0,"e":1E+2})");
}

}  // namespace
}  // namespace tidings
