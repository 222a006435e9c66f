#include "roles/api/query.h"

#include <algorithm>
#include <charconv>

#include "model/limits.h"
#include "roles/api/percent.h"

namespace tidings {
namespace {

constexpr std::size_t kShownKeyBytesMax = 64;
constexpr std::size_t kErrorsMax = 16;

// The text before the separator; what follows it is left in `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
  const auto part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

// A position on the sent axis need not be an id: `skipped` and digests also name the edges of
// milliseconds (version 0) and the end of all ids.
bool is_bound(const Uuid& uuid) {
  return MessageId::parse(uuid.to_string()) || uuid.version() == 0 ||
         MessageId{uuid} == kLastMessageId;
}

}  // namespace

Query::Query(std::string_view encoded, std::span<const std::string_view> known) {
  while (!encoded.empty()) {
    auto value = take_until(encoded, '&');
    const auto key = percent_decode(take_until(value, '='));
    const auto text = percent_decode(value);
    if (!key || std::ranges::find(known, *key) == known.end()) {
      wrong(key && key->size() <= kShownKeyBytesMax ? *key : "query",
            "There is no such parameter.");
    } else if (!text) {
      wrong(*key, "This is not percent-encoded UTF-8.");
    } else if (has(*key)) {
      wrong(*key, "This parameter is there twice.");
    } else {
      parameters_.push_back({*key, *text});
    }
  }
}

void Query::wrong(std::string_view key, std::string message) {
  if (errors_.size() < kErrorsMax) errors_.push_back({std::string(key), std::move(message)});
}

const std::string* Query::find(std::string_view key) const {
  const auto found = std::ranges::find(parameters_, key, &Parameter::key);
  return found == parameters_.end() ? nullptr : &found->value;
}

std::optional<std::string> Query::text(std::string_view key) const {
  const auto* value = find(key);
  return value ? std::optional(*value) : std::nullopt;
}

std::vector<std::string> Query::list(std::string_view key) {
  const auto* value = find(key);
  if (!value) return {};
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (true) {
    const auto comma = value->find(',', start);
    parts.push_back(value->substr(start, comma - start));
    if (parts.back().empty()) {
      wrong(key, "Separate the parts with single commas.");
      return {};
    }
    if (comma == std::string::npos) return parts;
    start = comma + 1;
  }
}

bool Query::flag(std::string_view key) {
  const auto* value = find(key);
  if (!value || *value == "false") return false;
  if (*value != "true") wrong(key, "This must be true or false.");
  return *value == "true";
}

std::optional<std::size_t> Query::number(std::string_view key, std::size_t min, std::size_t max) {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  std::size_t number = 0;
  const char* const end = value->data() + value->size();
  const auto read = std::from_chars(value->data(), end, number);
  if (read.ec == std::errc() && read.ptr == end && number >= min && number <= max) return number;
  wrong(key, "This must be a whole number from " + std::to_string(min) + " to " +
                 std::to_string(max) + ".");
  return std::nullopt;
}

std::size_t Query::limit() { return number("limit", 1, kPageLimitMax).value_or(kPageLimitDefault); }

std::optional<Time> Query::time(std::string_view key) {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  const auto time = parse_time(*value);
  if (!time) wrong(key, "This must be a time as 2026-11-23T16:04:05.678Z.");
  return time;
}

std::optional<MessageId> Query::bound(std::string_view key) {
  const auto* value = find(key);
  if (!value) return std::nullopt;
  const auto uuid = Uuid::parse(*value);
  if (uuid && is_bound(*uuid)) return MessageId{*uuid};
  wrong(key, "This must be a UUIDv7.");
  return std::nullopt;
}

ListRequest Query::list_request() { return {text("cursor").value_or(""), limit()}; }

Result<void> Query::finish() {
  if (errors_.empty()) return {};
  return std::unexpected(Error{ErrorCode::InvalidRequest, {}, std::move(errors_), {}});
}

}  // namespace tidings
