#include "wire/json_fields.h"

#include <algorithm>
#include <charconv>

#include "model/name.h"
#include "wire/metadata.h"

namespace tidings {
namespace {

// Enough to repair a client; a stranger's thousand fields are not repeated to it.
constexpr std::size_t kErrorsMax = 16;
constexpr std::size_t kShownKeyBytesMax = 64;

}  // namespace

JsonFields::JsonFields(JsonValue object, std::string path)
    : object_(object), path_(std::move(path)) {
  known_.reserve(16);
}

std::string JsonFields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

void JsonFields::wrong(std::string_view key, std::string message) {
  if (errors_.size() < kErrorsMax) errors_.push_back({path_of(key), std::move(message)});
}

void JsonFields::wrong(const Error& error) {
  for (const FieldError& field : error.fields) wrong(field.field, field.message);
}

std::optional<JsonValue> JsonFields::take(std::string_view key, JsonType type,
                                          std::string_view type_name) {
  known_.push_back(key);
  const auto value = object_.find(key);
  if (!value || value->is(type)) return value;
  wrong(key, "This must be " + std::string(type_name) + ".");
  return std::nullopt;
}

std::optional<std::string> JsonFields::text(std::string_view key) {
  const auto value = take(key, JsonType::Text, "a string");
  return value ? std::optional(std::string(value->text())) : std::nullopt;
}

std::string JsonFields::required_text(std::string_view key) {
  if (!has(key)) {
    known_.push_back(key);
    wrong(key, "This field is required.");
    return {};
  }
  return text(key).value_or("");
}

std::optional<bool> JsonFields::boolean(std::string_view key) {
  known_.push_back(key);
  const auto value = object_.find(key);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) {
    wrong(key, "This must be true or false.");
    return std::nullopt;
  }
  return value->is(JsonType::True);
}

std::optional<std::uint64_t> JsonFields::number(std::string_view key, std::uint64_t min,
                                                std::uint64_t max) {
  const auto value = take(key, JsonType::Number, "a number");
  if (!value) return std::nullopt;
  const std::string_view digits = value->text();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < min ||
      number > max) {
    wrong(key, "This must be a whole number from " + std::to_string(min) + " to " +
                   std::to_string(max) + ".");
    return std::nullopt;
  }
  return number;
}

std::vector<std::string> JsonFields::texts(std::string_view key) {
  const auto list = array(key);
  if (!list) return {};
  std::vector<std::string> texts;
  texts.reserve(list->size());
  for (const JsonValue value : *list) {
    if (!value.is(JsonType::Text)) {
      wrong(std::string(key) + '[' + std::to_string(texts.size()) + ']', "This must be a string.");
      return {};
    }
    texts.emplace_back(value.text());
  }
  return texts;
}

std::optional<std::string> JsonFields::metadata(std::string_view key) {
  const auto value = object(key);
  return value ? std::optional(canonical_metadata(*value)) : std::nullopt;
}

std::vector<std::string> JsonFields::references(std::string_view key) {
  auto names = texts(key);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto name = name_of_reference(names[i]);
    if (name.empty()) {
      wrong(std::string(key) + '[' + std::to_string(i) + ']',
            "This must be a name such as @alice.");
      return {};
    }
    names[i] = std::string(name);
  }
  return names;
}

std::optional<JsonValue> JsonFields::array(std::string_view key) {
  return take(key, JsonType::Array, "an array");
}

std::optional<JsonValue> JsonFields::object(std::string_view key) {
  return take(key, JsonType::Object, "an object");
}

Result<void> JsonFields::finish() {
  if (!object_.is(JsonType::Object)) {
    if (path_.empty()) return fail(ErrorCode::InvalidRequest, "The body must be a JSON object.");
    return fail_field(path_, "This must be an object.");
  }
  for (const JsonValue value : object_) {
    if (std::ranges::find(known_, value.key()) == known_.end()) {
      const bool is_long = value.key().size() > kShownKeyBytesMax;
      wrong(is_long ? "(a long name)" : value.key(), "There is no such field.");
    }
  }
  if (errors_.empty()) return {};
  return std::unexpected(Error{ErrorCode::InvalidRequest, {}, std::move(errors_), {}});
}

}  // namespace tidings
