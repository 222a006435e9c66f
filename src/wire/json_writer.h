#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/uuid.h"

namespace tidings {

// Appends JSON to a string, value by value; commas come by themselves. The caller closes what it
// opens and writes a key before each value of an object. Keys are our own literals; text is UTF-8,
// as every text in the model is.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  // Nothing in it is escaped.
  JsonWriter& key(std::string_view literal);

  JsonWriter& text(std::string_view value);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  JsonWriter& number(Number value) {
    if constexpr (std::is_signed_v<Number>) {
      return signed_number(value);
    } else {
      return unsigned_number(value);
    }
  }
  // RFC 3339 with milliseconds.
  JsonWriter& time(Time value);
  JsonWriter& uuid(const Uuid& value);
  // "@alice" for a bare name.
  JsonWriter& reference(std::string_view name);
  // Standard base64, padded.
  JsonWriter& base64(std::string_view bytes);
  // JSON that is already written.
  JsonWriter& raw(std::string_view json);

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& signed_number(std::int64_t value);
  JsonWriter& unsigned_number(std::uint64_t value);
  void comma() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }

  std::string& out_;
  bool needs_comma_ = false;
};

// Appends `text` in quotes, escaped where JSON demands it.
void append_json_text(std::string& out, std::string_view text);

}  // namespace tidings
