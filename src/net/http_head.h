#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

// The parts of RFC 9112 that requests and answers share, and strictly: what two programs could read
// in two ways (a bare line feed, a folded line, a length given twice, a transfer coding that we
// don't know) is malformed. Boost.Beast's parser forgives some of these, and a forgiving server
// behind a balancer is how one client's bytes become another's request.

using HttpFields = std::vector<std::pair<std::string, std::string>>;  // names in lower case

// Finds where a head ends. Looks at each byte once, however slowly they come.
class HeadScanner {
 public:
  enum class Found : std::uint8_t { Incomplete, Complete, Malformed, TooLarge };

  HeadScanner(std::size_t bytes_max, std::size_t fields_max)
      : bytes_max_(bytes_max), fields_max_(fields_max) {}

  // `bytes` begins with the head's first byte and may have grown since the last call.
  Found scan(std::string_view bytes);

  // Of a complete head, with its empty line.
  std::size_t size() const { return line_start_; }
  std::size_t fields() const { return fields_; }

  std::size_t bytes_max() const { return bytes_max_; }
  std::size_t fields_max() const { return fields_max_; }

  void reset() { scanned_ = line_start_ = fields_ = 0; }

 private:
  std::size_t bytes_max_;
  std::size_t fields_max_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;  // of the line that is being scanned
  std::size_t fields_ = 0;
};

// What the fields say about the connection and the length of the body.
struct HeadFacts {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
  bool expects_continue = false;
  int hosts = 0;
};

// Reads the field lines of a head, each with its CRLF. Returns what is wrong with them, or nothing.
std::string_view parse_fields(std::string_view lines, HttpFields& fields, HeadFacts& facts);

// Calls `use` with each element of a comma-separated list.
template <class Use>
void for_each_in_list(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (!item.empty()) use(item);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
}

bool is_token(std::string_view text);  // of RFC 9110; not empty
bool equals_ignoring_case(std::string_view left, std::string_view lower_case_right);

}  // namespace tidings
