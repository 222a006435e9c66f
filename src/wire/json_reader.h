#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidings {

enum class JsonType : std::uint8_t { Null, False, True, Number, Text, Array, Object };

// One value of a JsonDocument. A cheap copy; good for as long as the document and the bytes that it
// was read from.
class JsonValue {
 public:
  JsonType type() const { return node_->type; }
  bool is(JsonType type) const { return node_->type == type; }
  bool is_boolean() const { return is(JsonType::True) || is(JsonType::False); }

  // The decoded characters of a Text, the digits as written of a Number; empty otherwise.
  std::string_view text() const { return node_->text; }
  // The name under which the object around it holds this value; empty elsewhere.
  std::string_view key() const { return node_->key; }
  // How many values an Array or Object holds.
  std::size_t size() const { return node_->size; }

  // The values of an Array or Object in the order written; no values of anything else.
  class Iterator;
  Iterator begin() const;
  Iterator end() const;

  // The value under `key` of an Object.
  std::optional<JsonValue> find(std::string_view key) const;

 private:
  friend class JsonDocument;
  friend class JsonParser;
  // A value and all values inside it lie one after the other, so that the next one is `span` on.
  struct Node {
    std::string_view text;
    std::string_view key;
    std::uint32_t size = 0;
    std::uint32_t span = 1;
    JsonType type = JsonType::Null;
  };
  explicit JsonValue(const Node* node) : node_(node) {}
  const Node* node_;
};

class JsonValue::Iterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = JsonValue;
  using iterator_category = std::input_iterator_tag;
  Iterator() = default;
  explicit Iterator(const Node* node) : node_(node) {}
  JsonValue operator*() const { return JsonValue(node_); }
  Iterator& operator++() {
    node_ += node_->span;
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Iterator&) const = default;

 private:
  const Node* node_ = nullptr;
};

inline JsonValue::Iterator JsonValue::begin() const { return Iterator(node_ + 1); }
inline JsonValue::Iterator JsonValue::end() const { return Iterator(node_ + node_->span); }

// A JSON text (RFC 8259) that a stranger sent, read whole and strictly.
class JsonDocument {
 public:
  // Views into `bytes`, which must outlive the document; nothing is copied but strings with
  // escapes.
  //
  // Errors: InvalidRequest   not JSON, not UTF-8, a lone surrogate, U+0000, anything after the
  //                          value, more than 16 containers inside each other: the detail says at
  //                          which byte. A key that is there twice: names the field.
  static Result<JsonDocument> parse(std::string_view bytes);

  JsonValue root() const { return JsonValue(nodes_.data()); }

 private:
  friend class JsonParser;
  std::vector<JsonValue::Node> nodes_;
  std::unique_ptr<char[]> decoded_;  // the characters of strings with escapes
};

}  // namespace tidings
