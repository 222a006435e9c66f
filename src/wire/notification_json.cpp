#include "wire/notification_json.h"

#include "wire/json_fields.h"
#include "wire/json_writer.h"
#include "wire/session_json.h"

namespace tidings {
namespace {

constexpr std::uint64_t kNMax = 1ULL << 53;  // what a JavaScript client can count to

}  // namespace

std::string encode_hello(const Uuid& connection, milliseconds poll, Time now) {
  std::string frame;
  JsonWriter json(frame);
  json.begin_object();
  json.key("type").text("hello");
  json.key("api").text(kApiVersion);
  json.key("server_time").time(now);
  json.key("connection").uuid(connection);
  json.key("poll_ms").number(poll.count());
  json.end_object();
  return frame;
}

std::string encode_changed(std::uint64_t n, Time now, const std::vector<GroupId>& groups) {
  std::string frame;
  frame.reserve(96 + 39 * groups.size());
  JsonWriter json(frame);
  json.begin_object();
  json.key("type").text("changed");
  json.key("n").number(n);
  json.key("time").time(now);
  json.key("groups").begin_array();
  for (const GroupId group : groups) json.uuid(group.value);
  json.end_array();
  json.end_object();
  return frame;
}

std::string encode_recheck() { return R"({"type":"recheck"})"; }

std::string encode_bye(std::string_view reason, milliseconds reconnect_after) {
  std::string frame;
  JsonWriter json(frame);
  json.begin_object();
  json.key("type").text("bye");
  json.key("reason").text(reason);
  json.key("reconnect_after_ms").number(reconnect_after.count());
  json.end_object();
  return frame;
}

Result<ClientFrame> decode_client_frame(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  const std::string type = fields.required_text("type");
  ClientFrame frame;
  if (type == "ack") {
    const auto n = fields.number("n", 1, kNMax);
    if (!n) fields.wrong("n", "This must be the number of a change.");
    frame = AckFrame{n.value_or(0)};
  } else if (type == "auth") {
    frame = AuthFrame{fields.required_text("access_token")};
  } else {
    fields.wrong("type", "This must be one of auth, ack.");
  }
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return frame;
}

}  // namespace tidings
