#include "wire/read_mark_json.h"

#include "wire/json_fields.h"

namespace tidings {

Result<std::string> decode_read_mark(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  auto cursor = fields.required_text("cursor");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return cursor;
}

}  // namespace tidings
