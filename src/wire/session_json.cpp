#include "wire/session_json.h"

#include "wire/json_fields.h"
#include "wire/json_writer.h"
#include "wire/user_json.h"

namespace tidings {
namespace {

void append_session(JsonWriter& json, const IssuedSession& session, Time now) {
  json.begin_object();
  json.key("id").uuid(session.id.value);
  json.key("access_token").text(session.access_token);
  json.key("expires_at").time(session.expires_at);
  json.key("refresh_token").text(session.refresh_token);
  json.key("server_time").time(now);
  json.key("api").text(kApiVersion);
  json.end_object();
}

}  // namespace

Result<SignIn> decode_sign_in(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  SignIn request;
  request.name = fields.required_text("name");
  request.password = fields.required_text("password");
  request.device = fields.text("device").value_or("");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return request;
}

Result<std::string> decode_refresh(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  auto token = fields.required_text("refresh_token");
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return token;
}

std::string encode_signed_in(const User& user, const IssuedSession& session, Time now) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  append_me(json.key("user"), user);
  append_session(json.key("session"), session, now);
  json.end_object();
  return body;
}

std::string encode_refreshed(const IssuedSession& session, Time now) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  append_session(json.key("session"), session, now);
  json.end_object();
  return body;
}

std::string encode_sessions(const ListPage<ListedSession>& page) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("sessions").begin_array();
  for (const ListedSession& listed : page.items) {
    json.begin_object();
    json.key("id").uuid(listed.session.id.value);
    json.key("device").text(listed.session.device);
    json.key("created_at").time(listed.session.created_at);
    json.key("last_seen").time(listed.session.last_seen);
    json.key("current").boolean(listed.current);
    json.end_object();
  }
  json.end_array();
  json.key("cursor").text(page.cursor);
  json.key("more").boolean(page.more);
  json.end_object();
  return body;
}

}  // namespace tidings
