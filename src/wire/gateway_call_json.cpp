#include "wire/gateway_call_json.h"

#include <optional>

#include "base/bytes.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr std::size_t kIncarnationBytes = 8;
constexpr std::size_t kUserBytes = 39;

std::string incarnation_text(std::uint64_t incarnation) {
  std::string bytes;
  ByteWriter(bytes).u64(incarnation);
  return to_hex(as_bytes_of(bytes));
}

std::optional<std::uint64_t> incarnation_of(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != kIncarnationBytes) return std::nullopt;
  return ByteReader(*bytes).u64();
}

void append_users(JsonWriter& json, const std::vector<UserId>& users) {
  json.begin_array();
  for (const UserId user : users) json.uuid(user.value);
  json.end_array();
}

std::vector<UserId> take_users(JsonFields& fields, std::string_view key) {
  std::vector<UserId> users;
  const auto list = fields.array(key);
  if (!list) return users;
  users.reserve(list->size());
  for (const JsonValue item : *list) {
    const auto user = UserId::parse(item.text());
    if (!user) {
      fields.wrong(key, "These must be the ids of users.");
      return {};
    }
    users.push_back(*user);
  }
  return users;
}

std::vector<GatewayCall::Changed> take_changed(JsonFields& fields) {
  std::vector<GatewayCall::Changed> changed;
  const auto list = fields.array("changed");
  if (!list) return changed;
  for (const JsonValue item : *list) {
    JsonFields one(item, "changed[" + std::to_string(changed.size()) + "]");
    const auto group = GroupId::parse(one.required_text("group"));
    if (!group) one.wrong("group", "This must be the id of a group.");
    auto users = take_users(one, "users");
    if (const auto done = one.finish(); !done) {
      fields.wrong(done.error());
      return {};
    }
    changed.push_back({*group, std::move(users)});
  }
  return changed;
}

}  // namespace

std::string encode_gateway_call(const GatewayCall& call) {
  std::size_t users = call.recheck.size();
  for (const GatewayCall::Changed& changed : call.changed) users += 2 + changed.users.size();
  std::string body;
  body.reserve(96 + users * kUserBytes);
  JsonWriter json(body);
  json.begin_object();
  json.key("incarnation").text(incarnation_text(call.incarnation));
  json.key("changed").begin_array();
  for (const GatewayCall::Changed& changed : call.changed) {
    json.begin_object();
    json.key("group").uuid(changed.group.value);
    append_users(json.key("users"), changed.users);
    json.end_object();
  }
  json.end_array();
  append_users(json.key("recheck"), call.recheck);
  json.end_object();
  return body;
}

Result<GatewayCall> decode_gateway_call(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  GatewayCall call;
  const auto incarnation = incarnation_of(fields.required_text("incarnation"));
  if (!incarnation) fields.wrong("incarnation", "This must be 16 hexadecimal digits.");
  call.incarnation = incarnation.value_or(0);
  call.changed = take_changed(fields);
  call.recheck = take_users(fields, "recheck");
  std::size_t users = call.recheck.size();
  for (const GatewayCall::Changed& changed : call.changed) users += changed.users.size();
  if (users > GatewayCall::kUsersMax || call.changed.size() > GatewayCall::kGroupsMax)
    fields.wrong("changed", "These are too many for one call.");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return call;
}

}  // namespace tidings
