#include "wire/group_json.h"

#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

std::optional<Uuid> take_key(JsonFields& fields) {
  const auto text = fields.text("key");
  if (!text) return std::nullopt;
  const auto key = Uuid::parse(*text);
  if (!key) fields.wrong("key", "This must be a UUID.");
  return key;
}

std::optional<Visibility> take_visibility(JsonFields& fields) {
  return fields.choice("visibility", value_of<Visibility>, "private and public");
}
std::optional<HistoryRule> take_history(JsonFields& fields) {
  return fields.choice("history", value_of<HistoryRule>, "all and since-joined");
}
std::optional<PostRule> take_post(JsonFields& fields) {
  return fields.choice("post", value_of<PostRule>, "members and moderators");
}

void append_group(JsonWriter& json, const GroupView& view) {
  const Group& group = view.group;
  const bool is_member = view.role != Role::None;
  json.begin_object();
  json.key("id").uuid(group.id.value);
  json.key("kind").text(name_of(group.kind));
  if (!group.name.empty() || !is_member) json.key("name").text(group.name);
  if (!group.description.empty() || !is_member) json.key("description").text(group.description);
  json.key("size").number(view.size);
  json.key("visibility").text(name_of(group.visibility));
  if (is_member) {
    if (!group.metadata.empty()) json.key("metadata").raw(group.metadata);
    json.key("history").text(name_of(group.history));
    json.key("post").text(name_of(group.post));
    json.key("push").boolean(group.push);
    json.key("role").text(name_of(view.role));
    json.key("created_at").time(group.created_at);
    json.key("last_updated").time(view.last_updated);
  }
  json.end_object();
}

void append_member(JsonWriter& json, const Member& member) {
  json.begin_object();
  json.key("user").reference(member.user_name);
  json.key("role").text(name_of(member.role));
  json.key("joined_at").time(member.joined_at);
  json.end_object();
}

}  // namespace

Result<NewGroup> decode_new_group(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  NewGroup wanted;
  wanted.key = take_key(fields);
  wanted.name = fields.required_text("name");
  wanted.description = fields.text("description").value_or("");
  wanted.metadata = fields.metadata("metadata").value_or("");
  wanted.visibility = take_visibility(fields).value_or(wanted.visibility);
  wanted.history = take_history(fields).value_or(wanted.history);
  wanted.post = take_post(fields).value_or(wanted.post);
  wanted.members = fields.references("members");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return wanted;
}

Result<GroupPatch> decode_group_patch(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  GroupPatch patch;
  patch.name = fields.text("name");
  patch.description = fields.text("description");
  patch.metadata = fields.metadata("metadata");
  patch.post = take_post(fields);
  patch.visibility = take_visibility(fields);
  patch.history = take_history(fields);
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return patch;
}

Result<Role> decode_role(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  if (!fields.has("role")) fields.wrong("role", "This field is required.");
  const auto role = fields.choice("role", value_of<Role>, "owner, moderator, member and reader");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return *role;
}

std::string encode_group(const GroupView& view) {
  std::string body;
  JsonWriter json(body);
  append_group(json, view);
  return body;
}

std::string encode_groups(const ListPage<GroupView>& page) {
  std::string body;
  body.reserve(128 + 512 * page.items.size());
  JsonWriter json(body);
  json.begin_object();
  json.key("groups").begin_array();
  for (const GroupView& view : page.items) append_group(json, view);
  json.end_array();
  json.key("cursor").text(page.cursor);
  json.key("more").boolean(page.more);
  json.end_object();
  return body;
}

std::string encode_member(const Member& member) {
  std::string body;
  JsonWriter json(body);
  append_member(json, member);
  return body;
}

std::string encode_members(const ListPage<Member>& page) {
  std::string body;
  body.reserve(128 + 96 * page.items.size());
  JsonWriter json(body);
  json.begin_object();
  json.key("members").begin_array();
  for (const Member& member : page.items) append_member(json, member);
  json.end_array();
  json.key("cursor").text(page.cursor);
  json.key("more").boolean(page.more);
  json.end_object();
  return body;
}

}  // namespace tidings
