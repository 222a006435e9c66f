#include "wire/status_json.h"

#include "wire/content_json.h"
#include "wire/user_json.h"

namespace tidings {
namespace {

void append_group(JsonWriter& json, const GroupStatus& status) {
  json.begin_object();
  json.key("id").uuid(status.group.id.value);
  json.key("kind").text(name_of(status.group.kind));
  if (!status.group.name.empty()) json.key("name").text(status.group.name);
  json.key("size").number(status.size);
  json.key("push").boolean(status.group.push);
  json.key("role").text(name_of(status.role));
  json.key("last_updated").time(status.last_updated);
  if (status.unread) {
    json.key("unread").number(status.unread->count);
    json.key("mentions").number(status.unread->mentions);
  }
  if (status.last_message) append_message(json.key("last_message"), *status.last_message);
  json.end_object();
}

}  // namespace

std::string encode_status(const Status& status, Time now) {
  std::string body;
  body.reserve(256 + 256 * status.groups.size());
  JsonWriter json(body);
  json.begin_object();
  json.key("server_time").time(now);
  json.key("cursor").text(status.cursor);
  json.key("more").boolean(status.more);
  json.key("next_poll_ms").number(status.next_poll.count());
  json.key("groups").begin_array();
  for (const GroupStatus& group : status.groups) append_group(json, group);
  json.end_array();
  json.key("removed").begin_array();
  for (const GroupId id : status.removed) json.uuid(id.value);
  json.end_array();
  json.key("users").begin_array();
  for (const ShownStatus& shown : status.users) {
    json.begin_object();
    json.key("name").text(shown.name);
    append_status(json, shown);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return body;
}

}  // namespace tidings
