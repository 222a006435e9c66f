#include "wire/json_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/bytes.h"
#include "model/limits.h"

namespace tidings {
namespace {

// Objects of at most this many keys are compared pair by pair; larger ones are sorted.
constexpr std::size_t kPairwiseKeysMax = 12;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Which of 8 characters are a quote, a backslash, a control character or not ASCII: zero for none.
std::uint64_t special_of(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  const std::uint64_t quote = eight ^ (kOnes * '"');
  const std::uint64_t backslash = eight ^ (kOnes * '\\');
  const std::uint64_t found = ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
                              (eight - kOnes * 0x20) | eight;
  return found & kHigh;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char* put_utf8(char* out, std::uint32_t code_point) {
  if (code_point < 0x80) {
    *out++ = static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    *out++ = static_cast<char>(0xC0 | code_point >> 6);
    *out++ = static_cast<char>(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    *out++ = static_cast<char>(0xE0 | code_point >> 12);
    *out++ = static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code_point & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | code_point >> 18);
    *out++ = static_cast<char>(0x80 | (code_point >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code_point & 0x3F));
  }
  return out;
}

}  // namespace

// Reads one document by recursive descent; the depth limit bounds the recursion.
class JsonParser {
 public:
  JsonParser(std::string_view bytes, JsonDocument& document) : bytes_(bytes), document_(document) {
    document_.nodes_.reserve(32);
  }

  Result<void> run() {
    skip_space();
    if (read_value({}, 0)) {
      skip_space();
      if (at_ == bytes_.size()) return {};
      stop("Something follows the JSON value.");
    }
    return std::unexpected(std::move(error_));
  }

 private:
  using Node = JsonValue::Node;

  bool stop(const char* what) {
    error_ = Error{ErrorCode::InvalidRequest,
                   std::string(what) + " (byte " + std::to_string(at_) + " of the body)",
                   {},
                   {}};
    return false;
  }

  void skip_space() {
    while (at_ < bytes_.size() && (bytes_[at_] == ' ' || bytes_[at_] == '\n' ||
                                   bytes_[at_] == '\r' || bytes_[at_] == '\t')) {
      ++at_;
    }
  }

  bool take(char c) {
    if (at_ >= bytes_.size() || bytes_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool read_value(std::string_view key, std::size_t depth) {
    if (at_ >= bytes_.size()) return stop("The JSON ends too early.");
    const std::size_t index = document_.nodes_.size();
    Node& node = document_.nodes_.emplace_back();
    node.key = key;
    switch (bytes_[at_]) {
      case '{':
        return read_object(index, depth + 1);
      case '[':
        return read_array(index, depth + 1);
      case '"':
        node.type = JsonType::Text;
        return read_string(node.text);
      case 't':
        node.type = JsonType::True;
        return read_word("true");
      case 'f':
        node.type = JsonType::False;
        return read_word("false");
      case 'n':
        node.type = JsonType::Null;
        return read_word("null");
      default:
        node.type = JsonType::Number;
        return read_number(node.text);
    }
  }

  bool read_word(std::string_view word) {
    if (!bytes_.substr(at_).starts_with(word)) return stop("No JSON value starts like this.");
    at_ += word.size();
    return true;
  }

  bool take_digits() {
    const std::size_t start = at_;
    while (at_ < bytes_.size() && is_digit(bytes_[at_])) ++at_;
    return at_ > start;
  }

  bool read_number(std::string_view& text) {
    const std::size_t start = at_;
    take('-');
    if (!take('0') && !take_digits()) return stop("No JSON value starts like this.");
    if (take('.') && !take_digits()) return stop("A digit must follow the decimal point.");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!take_digits()) return stop("An exponent needs a digit.");
    }
    text = bytes_.substr(start, at_ - start);
    return true;
  }

  // A string without escapes is a view into the body; one with escapes is decoded from its first.
  bool read_string(std::string_view& text) {
    const std::size_t start = ++at_;
    bool ascii = true;
    while (true) {
      skip_plain();
      if (at_ >= bytes_.size()) return stop("A string has no end.");
      const char c = bytes_[at_];
      if (c == '"') {
        text = bytes_.substr(start, at_ - start);
        if (!ascii && !utf8_length(text)) return stop("The string that ends here is not UTF-8.");
        ++at_;
        return true;
      }
      if (c == '\\') return read_escaped(start, ascii, text);
      if (static_cast<unsigned char>(c) < 0x20) {
        return stop("A control character stands in a string; write it as an escape.");
      }
      ascii = false;
      ++at_;
    }
  }

  // Moves past characters that mean nothing special, eight at a time.
  void skip_plain() {
    while (at_ + 8 <= bytes_.size()) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, bytes_.data() + at_, 8);
      const std::uint64_t special = special_of(eight);
      if (special != 0) break;
      at_ += 8;
    }
    while (at_ < bytes_.size()) {
      const auto c = static_cast<unsigned char>(bytes_[at_]);
      if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80) return;
      ++at_;
    }
  }

  bool read_escaped(std::size_t start, bool ascii, std::string_view& text) {
    // No string decodes to more bytes than it was written with, so one buffer holds them all.
    if (!document_.decoded_) {
      document_.decoded_ = std::make_unique_for_overwrite<char[]>(bytes_.size());
      decoded_end_ = document_.decoded_.get();
    }
    char* const first = decoded_end_;
    char* out = std::copy(bytes_.data() + start, bytes_.data() + at_, first);
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '"') {
        text = {first, static_cast<std::size_t>(out - first)};
        if (!ascii && !utf8_length(text)) return stop("The string that ends here is not UTF-8.");
        decoded_end_ = out;
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!read_escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return stop("A control character stands in a string; write it as an escape.");
      }
      if (static_cast<unsigned char>(c) >= 0x80) ascii = false;
      *out++ = c;
      ++at_;
    }
    return stop("A string has no end.");
  }

  bool read_escape(char*& out) {
    ++at_;
    if (at_ >= bytes_.size()) return stop("A string has no end.");
    const char c = bytes_[at_];
    static constexpr std::string_view kNamed = "\"\\/bfnrt";
    static constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (const auto named = kNamed.find(c); named != std::string_view::npos) {
      *out++ = kMeant[named];
      ++at_;
      return true;
    }
    if (c != 'u') return stop("There is no such escape.");
    ++at_;
    std::uint32_t unit = 0;
    if (!read_unit(unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return stop("A lone surrogate is not a character.");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      std::uint32_t low = 0;
      if (!take('\\') || !take('u')) return stop("A lone surrogate is not a character.");
      if (!read_unit(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return stop("A lone surrogate is not a character.");
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    if (unit == 0) return stop("U+0000 is not accepted.");
    out = put_utf8(out, unit);
    return true;
  }

  bool read_unit(std::uint32_t& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int digit = at_ < bytes_.size() ? hex_digit(bytes_[at_]) : -1;
      if (digit < 0) return stop("\\u needs four hexadecimal digits.");
      unit = unit << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  bool read_array(std::size_t index, std::size_t depth) {
    if (depth > kJsonDepthMax) return stop("More than 16 arrays and objects inside each other.");
    open_[depth - 1] = index;
    ++at_;
    skip_space();
    std::uint32_t size = 0;
    if (!take(']')) {
      while (true) {
        skip_space();
        document_.nodes_[index].size = size;  // where we are, for an error inside
        if (!read_value({}, depth)) return false;
        ++size;
        skip_space();
        if (take(']')) break;
        if (!take(',')) return stop("A comma or ] is missing.");
      }
    }
    return close(index, JsonType::Array, size);
  }

  bool read_object(std::size_t index, std::size_t depth) {
    if (depth > kJsonDepthMax) return stop("More than 16 arrays and objects inside each other.");
    open_[depth - 1] = index;
    document_.nodes_[index].type = JsonType::Object;
    ++at_;
    skip_space();
    std::uint32_t size = 0;
    if (!take('}')) {
      while (true) {
        skip_space();
        if (at_ >= bytes_.size() || bytes_[at_] != '"') return stop("A key in quotes is missing.");
        std::string_view key;
        if (!read_string(key)) return false;
        skip_space();
        if (!take(':')) return stop("A colon is missing after a key.");
        skip_space();
        if (!read_value(key, depth)) return false;
        ++size;
        skip_space();
        if (take('}')) break;
        if (!take(',')) return stop("A comma or } is missing.");
      }
    }
    close(index, JsonType::Object, size);
    return check_keys(index, depth);
  }

  bool close(std::size_t index, JsonType type, std::uint32_t size) {
    Node& node = document_.nodes_[index];
    node.type = type;
    node.size = size;
    node.span = static_cast<std::uint32_t>(document_.nodes_.size() - index);
    return true;
  }

  bool check_keys(std::size_t index, std::size_t depth) {
    const JsonValue object(&document_.nodes_[index]);
    if (object.size() <= kPairwiseKeysMax) {
      for (auto one = object.begin(); one != object.end(); ++one) {
        for (auto other = object.begin(); other != one; ++other) {
          if ((*one).key() == (*other).key()) return stop_twice((*one).key(), depth);
        }
      }
      return true;
    }
    std::vector<std::string_view> keys;
    keys.reserve(object.size());
    for (const JsonValue value : object) keys.push_back(value.key());
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    return twice == keys.end() || stop_twice(*twice, depth);
  }

  // Names the field by the containers that are open around it: "to[2].name".
  bool stop_twice(std::string_view key, std::size_t depth) {
    std::string path;
    for (std::size_t i = 1; i < depth; ++i) {
      const Node& around = document_.nodes_[open_[i - 1]];
      if (around.type == JsonType::Object) {
        append_key(path, document_.nodes_[open_[i]].key);
      } else {
        path += '[' + std::to_string(around.size) + ']';
      }
    }
    append_key(path, key);
    error_ = Error{ErrorCode::InvalidRequest,
                   {},
                   {FieldError{std::move(path), "This key is there twice."}},
                   {}};
    return false;
  }

  static void append_key(std::string& path, std::string_view key) {
    if (!path.empty()) path += '.';
    path += key;
  }

  std::string_view bytes_;
  JsonDocument& document_;
  std::size_t at_ = 0;
  char* decoded_end_ = nullptr;
  std::array<std::size_t, kJsonDepthMax> open_{};  // the containers around where we are
  Error error_{ErrorCode::InvalidRequest, {}, {}, {}};
};

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  if (!is(JsonType::Object)) return std::nullopt;
  for (const JsonValue value : *this) {
    if (value.key() == key) return value;
  }
  return std::nullopt;
}

Result<JsonDocument> JsonDocument::parse(std::string_view bytes) {
  JsonDocument document;
  if (auto read = JsonParser(bytes, document).run(); !read) return forward(std::move(read));
  return document;
}

}  // namespace tidings
