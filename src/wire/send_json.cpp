#include "wire/send_json.h"

#include "model/name.h"
#include "wire/content_json.h"
#include "wire/http_error.h"

namespace tidings {
namespace {

std::vector<SendTarget> take_targets(JsonFields& fields) {
  if (!fields.has("to")) fields.wrong("to", "Say to whom: names and ids of groups.");
  auto targets = fields.texts("to");
  std::vector<SendTarget> to;
  to.reserve(targets.size());
  for (auto& target : targets) {
    const auto group = GroupId::parse(target);
    if (!group && name_of_reference(target).empty()) {
      fields.wrong("to[" + std::to_string(to.size()) + "]",
                   "This must be a name such as @alice or the id of a group.");
      return {};
    }
    to.push_back({std::move(target), group});
  }
  return to;
}

void append_target(JsonWriter& json, const SentTo& sent) {
  json.begin_object();
  if (sent.group) json.key("id").uuid(sent.group->value);
  if (!sent.group) json.key("to").text(sent.to);
  if (!sent.group_name.empty()) json.key("name").text(sent.group_name);
  if (sent.outcome) {
    json.key("stored").text(*sent.outcome == Stored::New ? "new" : "already");
  } else {
    append_problem(json.key("problem"), sent.outcome.error());
  }
  json.end_object();
}

}  // namespace

Result<SendRequest> decode_send(MessageId id, std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return forward(document);
  JsonFields fields(document->root());
  SendRequest request{id, take_targets(fields), decode_content(fields)};
  if (auto done = fields.finish(); !done) return forward(std::move(done));
  return request;
}

std::string encode_receipt(const SendReceipt& receipt, Time now) {
  std::string body;
  body.reserve(256 + 128 * receipt.targets.size());
  JsonWriter json(body);
  json.begin_object();
  json.key("id").uuid(receipt.id.value);
  json.key("sent_at").time(receipt.sent_at);
  json.key("received_at").time(receipt.received_at);
  json.key("late").boolean(receipt.late);
  json.key("groups").begin_array();
  for (const SentTo& sent : receipt.targets) append_target(json, sent);
  json.end_array();
  json.key("server_time").time(now);
  json.end_object();
  return body;
}

}  // namespace tidings
