#include "wire/user_json.h"

#include <array>

#include "wire/json_fields.h"

namespace tidings {
namespace {

std::string_view name_of(ShownAs shown) {
  static constexpr std::array<std::string_view, 4> kNames = {"offline", "online", "away", "busy"};
  return kNames.at(static_cast<std::size_t>(shown) - 1);
}

std::optional<bool> accepts_direct_of(std::string_view word) {
  if (word == "everyone") return true;
  if (word == "nobody") return false;
  return std::nullopt;
}

void append_public(JsonWriter& json, const User& user) {
  json.key("id").uuid(user.id.value);
  json.key("name").text(user.name);
  json.key("display_name").text(user.display_name);
  json.key("service").boolean(user.service);
  json.key("metadata").raw(user.metadata.empty() ? std::string_view("{}") : user.metadata);
}

}  // namespace

Result<SignUp> decode_sign_up(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  SignUp request;
  request.name = fields.required_text("name");
  request.password = fields.required_text("password");
  request.display_name = fields.text("display_name").value_or("");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return request;
}

Result<ProfilePatch> decode_profile_patch(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  ProfilePatch patch;
  patch.display_name = fields.text("display_name");
  patch.accepts_direct = fields.choice("accepts_direct", accepts_direct_of, "everyone and nobody");
  patch.metadata = fields.metadata("metadata");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return patch;
}

Result<PasswordChange> decode_password_change(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  PasswordChange change;
  change.old_password = fields.required_text("old");
  change.new_password = fields.required_text("new");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return change;
}

Result<StatusChange> decode_status_change(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  StatusChange change;
  if (!fields.has("status")) fields.wrong("status", "This field is required.");
  change.status =
      fields.choice("status", manual_status_of, "auto, online, away, busy and invisible")
          .value_or(ManualStatus::Auto);
  change.text = fields.text("text");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return change;
}

void append_me(JsonWriter& json, const User& me) {
  json.begin_object();
  append_public(json, me);
  json.key("accepts_direct").text(me.accepts_direct ? "everyone" : "nobody");
  json.key("status").text(name_of(me.status));
  json.key("status_text").text(me.status_text);
  json.key("last_seen").time(me.last_seen);
  json.key("created_at").time(me.created_at);
  if (me.admin) json.key("admin").boolean(true);
  json.end_object();
}

std::string encode_me(const User& me) {
  std::string body;
  JsonWriter json(body);
  append_me(json, me);
  return body;
}

std::string encode_profile(const Profile& profile) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  append_public(json, *profile.user);
  append_status(json, profile.shown);
  json.end_object();
  return body;
}

void append_status(JsonWriter& json, const ShownStatus& shown) {
  if (!shown.status) return;
  json.key("status").text(name_of(*shown.status));
  json.key("status_text").text(shown.status_text);
  if (shown.last_seen) json.key("last_seen").time(*shown.last_seen);
}

}  // namespace tidings
