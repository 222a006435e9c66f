#include "wire/archive_json.h"

#include <limits>
#include <utility>

#include "base/bytes.h"
#include "wire/content_json.h"
#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

constexpr std::uint64_t kNumberMax = std::numeric_limits<std::uint32_t>::max();

// ---- writing: what is empty or as usual is left out ----

void append_text(JsonWriter& json, std::string_view key, const std::string& text) {
  if (!text.empty()) json.key(key).text(text);
}
void append_metadata(JsonWriter& json, const std::string& metadata) {
  if (!metadata.empty()) json.key("metadata").raw(metadata);
}
void append_hex(JsonWriter& json, std::string_view key, const std::string& bytes) {
  if (!bytes.empty()) json.key(key).text(to_hex(as_bytes_of(bytes)));
}
void append_flag(JsonWriter& json, std::string_view key, bool is_set) {
  if (is_set) json.key(key).boolean(true);
}
void append_if(JsonWriter& json, std::string_view key, const std::optional<Time>& time) {
  if (time) json.key(key).time(*time);
}

void append(JsonWriter& json, const User& user) {
  json.key("id").uuid(user.id.value);
  json.key("name").text(user.name);
  append_text(json, "display_name", user.display_name);
  append_flag(json, "service", user.service);
  append_flag(json, "disabled", user.disabled);
  append_flag(json, "admin", user.admin);
  json.key("accepts_direct").boolean(user.accepts_direct);
  append_metadata(json, user.metadata);
  append_text(json, "password_hash", user.password_hash);
  json.key("status").text(name_of(user.status));
  append_text(json, "status_text", user.status_text);
  json.key("created_at").time(user.created_at);
  json.key("last_seen").time(user.last_seen);
  append_if(json, "ended_at", user.ended_at);
  append_flag(json, "erased", user.erased);
}

void append(JsonWriter& json, const ArchivedBlock& block) {
  json.key("blocker").uuid(block.blocker.value);
  json.key("blocked").uuid(block.blocked.value);
}

void append(JsonWriter& json, const ServiceKey& key) {
  json.key("id").uuid(key.id.value);
  json.key("user").uuid(key.user.value);
  append_hex(json, "secret_hash", key.secret_hash);
  append_flag(json, "may_import", key.may_import);
  json.key("send_burst").number(key.send_burst);
  json.key("send_per_seconds").number(key.send_per_seconds);
  json.key("created_at").time(key.created_at);
  append_if(json, "revoked_at", key.revoked_at);
}

void append(JsonWriter& json, const ArchivedGroup& record) {
  const Group& group = record.group;
  json.key("id").uuid(group.id.value);
  json.key("kind").text(name_of(group.kind));
  append_text(json, "name", group.name);
  append_text(json, "description", group.description);
  append_metadata(json, group.metadata);
  json.key("visibility").text(name_of(group.visibility));
  json.key("history").text(name_of(group.history));
  json.key("post").text(name_of(group.post));
  json.key("push").boolean(group.push);
  json.key("push_changed_at").time(group.push_changed_at);
  json.key("created_at").time(group.created_at);
  json.key("created_by").uuid(group.created_by.value);
  append_if(json, "deleted_at", group.deleted_at);
  append_hex(json, "creation_digest", group.creation_digest);
  append_if(json, "last_updated", record.last_updated);
}

void append(JsonWriter& json, const ArchivedMember& record) {
  json.key("group").uuid(record.group.value);
  json.key("user").uuid(record.member.user.value);
  json.key("name").text(record.member.user_name);
  json.key("role").text(name_of(record.member.role));
  json.key("joined_at").time(record.member.joined_at);
  json.key("changed_at").time(record.member.changed_at);
}

void append(JsonWriter& json, const ArchivedMark& record) {
  json.key("user").uuid(record.user.value);
  json.key("group").uuid(record.mark.group.value);
  json.key("cursor").text(encode(record.mark));
}

void append(JsonWriter& json, const Message& message) {
  json.key("group").uuid(message.group.value);
  json.key("id").uuid(message.id.value);
  json.key("author").uuid(message.author.value);
  json.key("author_name").text(message.author_name);
  json.key("received_at").time(message.received_at);
  append_flag(json, "erased", message.erased);
  json.key("kind").text(kind_name(message.content.kind));
  if (message.content.target) json.key("target").uuid(message.content.target->value);
  append_body(json, message.content);
}

void append(JsonWriter& json, const ArchivedArrival& record) {
  json.key("group").uuid(record.group.value);
  json.key("id").uuid(record.arrival.id.value);
  json.key("received_at").time(record.arrival.received_at);
}

// ---- reading ----

template <class Of>
Id<Of> take_id(JsonFields& fields, std::string_view key, Id<Of>) {
  const auto id = Id<Of>::parse(fields.required_text(key));
  if (!id) fields.wrong(key, "This must be a UUID.");
  return id.value_or(Id<Of>{});
}

MessageId take_message_id(JsonFields& fields, std::string_view key) {
  const auto id = MessageId::parse(fields.required_text(key));
  if (!id) fields.wrong(key, "This must be the id of a message, a UUIDv7.");
  return id.value_or(MessageId{});
}

std::optional<Time> take_time_if(JsonFields& fields, std::string_view key) {
  const auto text = fields.text(key);
  if (!text) return std::nullopt;
  const auto time = parse_time(*text);
  if (!time) fields.wrong(key, "This must be a time.");
  return time;
}

Time take_time(JsonFields& fields, std::string_view key) {
  if (!fields.has(key)) fields.wrong(key, "This is missing.");
  return take_time_if(fields, key).value_or(Time());
}

std::string take_hex(JsonFields& fields, std::string_view key) {
  const auto text = fields.text(key);
  if (!text) return {};
  auto bytes = from_hex(*text);
  if (!bytes) fields.wrong(key, "This must be hexadecimal digits.");
  return std::move(bytes).value_or("");
}

bool take_flag(JsonFields& fields, std::string_view key) {
  return fields.boolean(key).value_or(false);
}

// A value of an enumeration that must be there.
template <class Parse>
auto take_word(JsonFields& fields, std::string_view key, Parse parse) {
  const auto value = parse(std::string_view(fields.required_text(key)));
  if (!value) fields.wrong(key, "This is no word that is known here.");
  return value.value_or(typename std::remove_cvref_t<decltype(value)>::value_type{});
}

std::optional<Role> role_of_word(std::string_view word) {
  return word == name_of(Role::None) ? Role::None : value_of<Role>(word);
}

User take_user(JsonFields& fields) {
  User user;
  user.id = take_id(fields, "id", user.id);
  user.name = fields.required_text("name");
  user.display_name = fields.text("display_name").value_or("");
  user.service = take_flag(fields, "service");
  user.disabled = take_flag(fields, "disabled");
  user.admin = take_flag(fields, "admin");
  user.accepts_direct = take_flag(fields, "accepts_direct");
  user.metadata = fields.metadata("metadata").value_or("");
  user.password_hash = fields.text("password_hash").value_or("");
  user.status = take_word(fields, "status", manual_status_of);
  user.status_text = fields.text("status_text").value_or("");
  user.created_at = take_time(fields, "created_at");
  user.last_seen = take_time(fields, "last_seen");
  user.ended_at = take_time_if(fields, "ended_at");
  user.erased = take_flag(fields, "erased");
  return user;
}

ArchivedBlock take_block(JsonFields& fields) {
  ArchivedBlock block;
  block.blocker = take_id(fields, "blocker", block.blocker);
  block.blocked = take_id(fields, "blocked", block.blocked);
  return block;
}

ServiceKey take_key(JsonFields& fields) {
  ServiceKey key;
  key.id = take_id(fields, "id", key.id);
  key.user = take_id(fields, "user", key.user);
  key.secret_hash = take_hex(fields, "secret_hash");
  key.may_import = take_flag(fields, "may_import");
  key.send_burst =
      static_cast<std::uint32_t>(fields.number("send_burst", 0, kNumberMax).value_or(0));
  key.send_per_seconds =
      static_cast<std::uint32_t>(fields.number("send_per_seconds", 0, kNumberMax).value_or(0));
  key.created_at = take_time(fields, "created_at");
  key.revoked_at = take_time_if(fields, "revoked_at");
  return key;
}

ArchivedGroup take_group(JsonFields& fields) {
  ArchivedGroup record;
  Group& group = record.group;
  group.id = take_id(fields, "id", group.id);
  group.kind = take_word(fields, "kind", value_of<GroupKind>);
  group.name = fields.text("name").value_or("");
  group.description = fields.text("description").value_or("");
  group.metadata = fields.metadata("metadata").value_or("");
  group.visibility = take_word(fields, "visibility", value_of<Visibility>);
  group.history = take_word(fields, "history", value_of<HistoryRule>);
  group.post = take_word(fields, "post", value_of<PostRule>);
  group.push = take_flag(fields, "push");
  group.push_changed_at = take_time(fields, "push_changed_at");
  group.created_at = take_time(fields, "created_at");
  group.created_by = take_id(fields, "created_by", group.created_by);
  group.deleted_at = take_time_if(fields, "deleted_at");
  group.creation_digest = take_hex(fields, "creation_digest");
  record.last_updated = take_time_if(fields, "last_updated");
  return record;
}

ArchivedMember take_member(JsonFields& fields) {
  ArchivedMember record;
  record.group = take_id(fields, "group", record.group);
  record.member.user = take_id(fields, "user", record.member.user);
  record.member.user_name = fields.required_text("name");
  record.member.role = take_word(fields, "role", role_of_word);
  record.member.joined_at = take_time(fields, "joined_at");
  record.member.changed_at = take_time(fields, "changed_at");
  return record;
}

ArchivedMark take_mark(JsonFields& fields) {
  ArchivedMark record;
  record.user = take_id(fields, "user", record.user);
  const GroupId group = take_id(fields, "group", GroupId{});
  auto mark = decode_cursor(fields.required_text("cursor"), group);
  if (mark) {
    record.mark = std::move(*mark);
  } else {
    fields.wrong("cursor", "This must be a cursor of the group.");
  }
  return record;
}

Message take_message(JsonFields& fields) {
  Message message;
  message.group = take_id(fields, "group", message.group);
  message.id = take_message_id(fields, "id");
  message.author = take_id(fields, "author", message.author);
  message.author_name = fields.required_text("author_name");
  message.received_at = take_time(fields, "received_at");
  message.erased = take_flag(fields, "erased");
  message.content = decode_content(fields);
  return message;
}

ArchivedArrival take_arrival(JsonFields& fields) {
  ArchivedArrival record;
  record.group = take_id(fields, "group", record.group);
  record.arrival.id = take_message_id(fields, "id");
  record.arrival.received_at = take_time(fields, "received_at");
  return record;
}

ArchiveRecord take(ArchiveKind kind, JsonFields& fields) {
  switch (kind) {
    case ArchiveKind::Accounts:
      return take_user(fields);
    case ArchiveKind::Blocks:
      return take_block(fields);
    case ArchiveKind::Keys:
      return take_key(fields);
    case ArchiveKind::Groups:
      return take_group(fields);
    case ArchiveKind::Members:
      return take_member(fields);
    case ArchiveKind::Marks:
      return take_mark(fields);
    case ArchiveKind::Messages:
      return take_message(fields);
    case ArchiveKind::Arrivals:
      break;
  }
  return take_arrival(fields);
}

}  // namespace

std::string encode_record(const ArchiveRecord& record) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  std::visit([&json](const auto& each) { append(json, each); }, record);
  json.end_object();
  return text;
}

Result<ArchiveRecord> decode_record(ArchiveKind kind, std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  ArchiveRecord record = take(kind, fields);
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return record;
}

}  // namespace tidings
