#include "wire/sync_json.h"

#include "wire/content_json.h"
#include "wire/digest_json.h"
#include "wire/http_error.h"
#include "wire/json_fields.h"

namespace tidings {
namespace {

// What is said of groups one by one is bounded before each costs anything.
std::vector<PullRequest::Position> take_positions(JsonFields& fields) {
  const auto list = fields.array("groups");
  if (!list) {
    if (!fields.has("groups")) fields.wrong("groups", "Say which groups.");
    return {};
  }
  if (list->size() == 0 || list->size() > kPullGroupsMax) {
    fields.wrong("groups", "A pull names 1 to 100 groups.");
    return {};
  }
  std::vector<PullRequest::Position> positions;
  positions.reserve(list->size());
  for (const JsonValue item : *list) {
    JsonFields position(item, "groups[" + std::to_string(positions.size()) + "]");
    const auto group = GroupId::parse(position.required_text("id"));
    if (!group) position.wrong("id", "This must be the id of a group.");
    auto cursor = position.text("cursor");
    if (const auto done = position.finish(); !done) {
      fields.wrong(done.error());
      return {};
    }
    positions.push_back({*group, std::move(cursor)});
  }
  return positions;
}

void append_changes(JsonWriter& json, const Changes& changes, Time now) {
  append_messages(json, changes.messages);
  if (!changes.cursor.empty()) json.key("cursor").text(changes.cursor);
  json.key("more").boolean(changes.more);
  if (changes.skipped) {
    json.key("skipped").begin_object();
    json.key("from").uuid(changes.skipped->from.value);
    json.key("to").uuid(changes.skipped->to.value);
    json.end_object();
  }
  if (changes.digest) append_digest(json.key("digest"), *changes.digest);
  json.key("push").boolean(changes.push);
  json.key("next_poll_ms").number(changes.next_poll.count());
  json.key("server_time").time(now);
}

std::size_t bytes_of(std::span<const PullResult> results) {
  std::size_t bytes = 128;
  for (const PullResult& result : results) {
    bytes += 768;
    if (result.changes) bytes += bytes_of(std::span(result.changes->messages));
  }
  return bytes;
}

}  // namespace

Result<PullRequest> decode_pull(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  PullRequest request;
  request.groups = take_positions(fields);
  request.limit = fields.number("limit", 1, kPageLimitMax).value_or(kPageLimitDefault);
  request.fresh = fields.boolean("fresh").value_or(false);
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return request;
}

std::string encode_changes(const Changes& changes, Time now) {
  std::string body;
  body.reserve(768 + bytes_of(std::span(changes.messages)));
  JsonWriter json(body);
  json.begin_object();
  append_changes(json, changes, now);
  json.end_object();
  return body;
}

std::string encode_pull(std::span<const PullResult> results, Time now) {
  std::string body;
  body.reserve(bytes_of(results));
  JsonWriter json(body);
  json.begin_object();
  json.key("results").begin_array();
  for (const PullResult& result : results) {
    json.begin_object();
    json.key("id").uuid(result.group.value);
    if (result.changes) {
      append_changes(json, *result.changes, now);
    } else {
      append_problem(json.key("problem"), result.changes.error());
    }
    json.end_object();
  }
  json.end_array();
  json.key("server_time").time(now);
  json.end_object();
  return body;
}

}  // namespace tidings
