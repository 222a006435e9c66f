#include "wire/operation_json.h"

#include "wire/json_fields.h"
#include "wire/json_writer.h"

namespace tidings {
namespace {

void append_account(JsonWriter& json, const User& user) {
  json.begin_object().key("name").text(user.name).key("display_name").text(user.display_name);
  json.key("service").boolean(user.service).key("disabled").boolean(user.disabled);
  json.key("admin").boolean(user.admin).key("ended").boolean(user.ended_at.has_value());
  json.key("created_at").time(user.created_at).key("last_seen").time(user.last_seen).end_object();
}

void append_key(JsonWriter& json, const ServiceKey& key) {
  json.begin_object().key("id").uuid(key.id.value);
  json.key("import").boolean(key.may_import);
  if (key.send_burst > 0) {
    json.key("rate").text(std::to_string(key.send_burst) + '/' +
                          std::to_string(key.send_per_seconds));
  }
  json.key("created_at").time(key.created_at);
  if (key.revoked_at) json.key("revoked_at").time(*key.revoked_at);
  json.end_object();
}

// Of the items that are open, and of the object around them.
void end_list(JsonWriter& json, const std::optional<std::string>& next) {
  json.end_array().key("more").boolean(next.has_value());
  if (next) json.key("next").text(*next);
  json.end_object();
}

}  // namespace

std::string encode_figures(const ServerFigures& figures, Time now) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("server_time").time(now);
  json.key("process").text(figures.process).key("role").text(figures.role);
  json.key("version").text(figures.version).key("up_seconds").number(figures.up_seconds);
  json.key("stored").number(figures.stored).key("throttled").number(figures.throttled);
  json.key("changed_sent").number(figures.changed_sent);
  json.key("queue_waiting").number(figures.queue_waiting);
  json.key("queue_leased").number(figures.queue_leased);
  json.key("connections").number(figures.connections).key("sockets").number(figures.sockets);
  json.key("commits").number(figures.commits).key("commit_us").number(figures.commit_us);
  json.key("store_disk_bytes").number(figures.store_disk_bytes);
  json.key("store_messages").number(figures.store_messages);
  json.key("busy_groups").begin_array();
  for (const BusyGroups::Busy& busy : figures.busy_groups) {
    json.begin_object().key("id").uuid(busy.group.value);
    json.key("per_minute").number(busy.per_minute).end_object();
  }
  json.end_array().end_object();
  return body;
}

std::string encode_account(const User& user) {
  std::string body;
  JsonWriter json(body);
  append_account(json, user);
  return body;
}

std::string encode_accounts(const std::vector<User>& users,
                            const std::optional<std::string>& next) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("accounts").begin_array();
  for (const User& user : users) append_account(json, user);
  end_list(json, next);
  return body;
}

std::string encode_services(const ServicePage& page) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("services").begin_array();
  for (const ListedService& service : page.services) {
    json.begin_object().key("name").text(service.service.name);
    json.key("disabled").boolean(service.service.disabled);
    json.key("keys").begin_array();
    for (const ServiceKey& key : service.keys) append_key(json, key);
    json.end_array().end_object();
  }
  end_list(json, page.next);
  return body;
}

std::string encode_new_key(const NewKey& made) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("name").text(made.service.name);
  json.key("key").uuid(made.key.id.value).key("token").text(made.token).end_object();
  return body;
}

Result<KeyRequest> decode_key_request(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  KeyRequest request;
  request.name = fields.required_text("name");
  request.rules.may_import = fields.boolean("import").value_or(false);
  request.rules.send_burst =
      static_cast<std::uint32_t>(fields.number("rate_count", 0, 1'000'000).value_or(0));
  request.rules.send_per_seconds =
      static_cast<std::uint32_t>(fields.number("rate_seconds", 0, 3'600).value_or(0));
  if ((request.rules.send_burst == 0) != (request.rules.send_per_seconds == 0))
    fields.wrong("rate_seconds", "Send both of rate_count and rate_seconds, or neither.");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return request;
}

Result<bool> decode_disabled(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  if (!fields.has("disabled")) fields.wrong("disabled", "This field is required.");
  const bool disabled = fields.boolean("disabled").value_or(false);
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return disabled;
}

}  // namespace tidings
