#include "wire/metadata.h"

#include <algorithm>
#include <vector>

#include "wire/json_writer.h"

namespace tidings {
namespace {

// The depth of what was read bounds the recursion.
void append_value(std::string& out, JsonValue value);

void append_object(std::string& out, JsonValue object) {
  std::vector<JsonValue> members(object.begin(), object.end());
  std::ranges::sort(members, {}, &JsonValue::key);
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text(out, members[i].key());
    out += ':';
    append_value(out, members[i]);
  }
  out += '}';
}

void append_array(std::string& out, JsonValue array) {
  out += '[';
  bool first = true;
  for (const JsonValue value : array) {
    if (!first) out += ',';
    first = false;
    append_value(out, value);
  }
  out += ']';
}

void append_value(std::string& out, JsonValue value) {
  switch (value.type()) {
    case JsonType::Null:
      out += "null";
      return;
    case JsonType::False:
      out += "false";
      return;
    case JsonType::True:
      out += "true";
      return;
    case JsonType::Number:
      out += value.text();
      return;
    case JsonType::Text:
      append_json_text(out, value.text());
      return;
    case JsonType::Array:
      append_array(out, value);
      return;
    case JsonType::Object:
      append_object(out, value);
      return;
  }
}

}  // namespace

std::string canonical_metadata(JsonValue object) {
  if (object.size() == 0) return {};
  std::string out;
  append_object(out, object);
  return out;
}

}  // namespace tidings
