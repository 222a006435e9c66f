// JSON from a stranger, to a message's content. Whatever was accepted is written and read again: it
// must come out the same, or a retry would be taken for another message.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ensure.h"
#include "wire/content_json.h"

using namespace tidings;

namespace {

void append_value(JsonWriter& json, JsonValue value) {
  switch (value.type()) {
    case JsonType::Text:
      json.text(value.text());
      return;
    case JsonType::Number:
      json.raw(value.text());
      return;
    case JsonType::Null:
      json.null();
      return;
    case JsonType::True:
    case JsonType::False:
      json.boolean(value.is(JsonType::True));
      return;
    case JsonType::Array:
      json.begin_array();
      for (const JsonValue inner : value) append_value(json, inner);
      json.end_array();
      return;
    case JsonType::Object:
      json.begin_object();
      for (const JsonValue inner : value) {
        std::string key;
        append_json_text(key, inner.key());
        json.key(std::string_view(key).substr(1, key.size() - 2));
        append_value(json, inner);
      }
      json.end_object();
      return;
  }
}

Result<Content> decode(JsonValue root) {
  JsonFields fields(root);
  Content content = decode_content(fields);
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  if (auto checked = check(content); !checked) return forward(std::move(checked));
  return content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto document = JsonDocument::parse(bytes);
  if (!document) return 0;
  std::string written;
  JsonWriter json(written);
  append_value(json, document->root());
  const auto again = JsonDocument::parse(written);
  ensure(again.has_value(), "what was read can be written and read again");
  const auto content = decode(document->root());
  const auto content_again = decode(again->root());
  ensure(content.has_value() == content_again.has_value(), "spelling does not matter");
  if (content) ensure(*content == *content_again, "spelling does not matter");
  return 0;
}
