#include "wire/digest_json.h"

namespace tidings {

void append_digest(JsonWriter& json, const Digest& digest) {
  json.begin_object();
  json.key("from").uuid(digest.from.value);
  if (digest.to) {
    json.key("to").uuid(digest.to->value);
  } else {
    json.key("to").null();
  }
  json.key("count").number(digest.sum.count());
  json.key("sum").text(digest.sum.hex());
  if (!digest.parts.empty()) {
    json.key("parts").begin_array();
    for (const Digest& part : digest.parts) append_digest(json, part);
    json.end_array();
  }
  if (!digest.ids.empty()) {
    json.key("ids").begin_array();
    for (const MessageId id : digest.ids) json.uuid(id.value);
    json.end_array();
  }
  json.end_object();
}

std::string encode_digest(const Digest& digest) {
  std::string body;
  JsonWriter json(body);
  append_digest(json, digest);
  return body;
}

}  // namespace tidings
