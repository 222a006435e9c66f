#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json_reader.h"

namespace tidings {

// Takes the fields of one object that a client sent, strictly, and keeps a list of what is wrong,
// so that a decoder reads like the object it decodes:
//
//   JsonFields fields(document.root());
//   request.name = fields.required_text("name");
//   request.device = fields.text("device").value_or("");
//   if (auto done = fields.finish(); !done) return forward(std::move(done));
//
// A field of the wrong type counts as absent. `null` is a type like any other, and wrong.
class JsonFields {
 public:
  // `path` names the object in messages: empty for the body itself, else "groups[2]".
  explicit JsonFields(JsonValue object, std::string path = {});

  bool has(std::string_view key) const { return object_.find(key).has_value(); }

  std::optional<std::string> text(std::string_view key);
  std::string required_text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  // A whole number from `min` to `max`.
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t min, std::uint64_t max);
  // Absent is empty.
  std::vector<std::string> texts(std::string_view key);
  // One of a few words: `parse` gives its value, or nothing for a word that is not among `words`.
  template <class Parse>
  auto choice(std::string_view key, Parse parse, std::string_view words)
      -> decltype(parse(std::string_view())) {
    const auto word = text(key);
    if (!word) return std::nullopt;
    auto value = parse(std::string_view(*word));
    if (!value) wrong(key, "This must be one of " + std::string(words) + ".");
    return value;
  }
  // A compact JSON object, see metadata.h. Absent is nothing, {} is empty.
  std::optional<std::string> metadata(std::string_view key);
  // "@alice" as the bare name.
  std::vector<std::string> references(std::string_view key);
  // Arrays and objects that the caller looks into.
  std::optional<JsonValue> array(std::string_view key);
  std::optional<JsonValue> object(std::string_view key);

  // Notes that the value under `key` ("to", "to[2]") is wrong and why.
  void wrong(std::string_view key, std::string message);
  // Notes the fields of an error that a part was refused with.
  void wrong(const Error& error);

  // Every field is asked for by now: what is left over is unknown, and an error like the others.
  // Errors: InvalidRequest naming each field
  Result<void> finish();

 private:
  std::optional<JsonValue> take(std::string_view key, JsonType type, std::string_view type_name);
  std::string path_of(std::string_view key) const;

  JsonValue object_;
  std::string path_;
  std::vector<std::string_view> known_;
  std::vector<FieldError> errors_;
};

}  // namespace tidings
