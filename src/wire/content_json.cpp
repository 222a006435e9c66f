#include "wire/content_json.h"

#include "base/bytes.h"

namespace tidings {
namespace {

constexpr unsigned bit(Kind kind) { return 1U << static_cast<unsigned>(kind); }

struct FieldOfKinds {
  std::string_view name;
  unsigned kinds;
};
constexpr FieldOfKinds kFields[] = {
    {"text", bit(Kind::Text) | bit(Kind::Edit)},
    {"links", bit(Kind::Text)},
    {"metadata", bit(Kind::Text) | bit(Kind::Opaque)},
    {"mentions", bit(Kind::Text) | bit(Kind::Opaque)},
    {"reply_to", bit(Kind::Text) | bit(Kind::Opaque)},
    {"target", bit(Kind::Edit) | bit(Kind::Delete) | bit(Kind::Reaction)},
    {"emoji", bit(Kind::Reaction)},
    {"remove", bit(Kind::Reaction)},
    {"ciphertext", bit(Kind::Opaque)},
    {"scheme", bit(Kind::Opaque)},
};

// Even an empty value of a field that the kind does not know is refused, as an unknown field is.
void refuse_foreign_fields(JsonFields& fields, Kind kind) {
  for (const FieldOfKinds& field : kFields) {
    if ((field.kinds & bit(kind)) != 0 || !fields.has(field.name)) continue;
    fields.wrong(field.name, "A message of kind " + std::string(kind_name(kind)) + " has no " +
                                 std::string(field.name) + ".");
  }
}

std::optional<MessageId> take_message_id(JsonFields& fields, std::string_view key) {
  const auto text = fields.text(key);
  if (!text) return std::nullopt;
  const auto id = MessageId::parse(*text);
  if (!id) fields.wrong(key, "This must be the id of a message, a UUIDv7.");
  return id;
}

std::string take_ciphertext(JsonFields& fields) {
  const auto text = fields.text("ciphertext");
  if (!text) return {};
  const auto bytes = from_base64(*text);
  if (!bytes) fields.wrong("ciphertext", "This must be standard base64 with padding.");
  return bytes.value_or("");
}

void append_head(JsonWriter& json, const Message& message) {
  json.key("id").uuid(message.id.value);
  json.key("group").uuid(message.group.value);
  json.key("from").reference(message.author_name);
  json.key("from_id").uuid(message.author.value);
  json.key("kind").text(kind_name(message.content.kind));
  json.key("sent_at").time(message.sent_at());
  json.key("received_at").time(message.received_at);
  json.key("late").boolean(message.is_late());
}

void append_links(JsonWriter& json, const std::vector<std::string>& links) {
  json.key("links").begin_array();
  for (const auto& link : links) json.text(link);
  json.end_array();
}

void append_mentions(JsonWriter& json, const std::vector<std::string>& mentions) {
  json.key("mentions").begin_array();
  for (const auto& name : mentions) json.reference(name);
  json.end_array();
}

void append_reactions(JsonWriter& json, const std::vector<ReactionCount>& reactions) {
  json.key("reactions").begin_array();
  for (const ReactionCount& reaction : reactions) {
    json.begin_object();
    json.key("emoji").text(reaction.emoji);
    json.key("count").number(reaction.count);
    json.key("me").boolean(reaction.me);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void append_body(JsonWriter& json, const Content& content) {
  if (!content.text.empty()) json.key("text").text(content.text);
  if (!content.links.empty()) append_links(json, content.links);
  if (!content.metadata.empty()) json.key("metadata").raw(content.metadata);
  if (!content.mentions.empty()) append_mentions(json, content.mentions);
  if (content.reply_to) json.key("reply_to").uuid(content.reply_to->value);
  if (!content.ciphertext.empty()) json.key("ciphertext").base64(content.ciphertext);
  if (!content.scheme.empty()) json.key("scheme").text(content.scheme);
  if (!content.emoji.empty()) json.key("emoji").text(content.emoji);
  if (content.remove) json.key("remove").boolean(true);
}

Content decode_content(JsonFields& fields) {
  Content content;
  content.kind = fields.choice("kind", kind_of_name, "text, edit, delete, reaction and opaque")
                     .value_or(Kind::Text);
  refuse_foreign_fields(fields, content.kind);
  content.text = fields.text("text").value_or("");
  content.links = fields.texts("links");
  content.metadata = fields.metadata("metadata").value_or("");
  content.mentions = fields.references("mentions");
  content.reply_to = take_message_id(fields, "reply_to");
  content.target = take_message_id(fields, "target");
  content.emoji = fields.text("emoji").value_or("");
  content.remove = fields.boolean("remove").value_or(false);
  content.ciphertext = take_ciphertext(fields);
  content.scheme = fields.text("scheme").value_or("");
  return content;
}

void append_message(JsonWriter& json, const ShownMessage& shown) {
  const Content& content = shown.message.content;
  const bool has_body = !shown.deleted && !shown.message.erased;
  json.begin_object();
  append_head(json, shown.message);
  if (has_body) append_body(json, content);
  if (content.target) json.key("target").uuid(content.target->value);
  if (shown.edited_at && has_body) json.key("edited_at").time(*shown.edited_at);
  if (!has_body) json.key("deleted").boolean(true);
  if (!shown.reactions.empty()) append_reactions(json, shown.reactions);
  json.end_object();
}

void append_messages(JsonWriter& json, std::span<const ShownMessage> messages) {
  json.key("messages").begin_array();
  for (const ShownMessage& shown : messages) append_message(json, shown);
  json.end_array();
}

std::size_t bytes_of(std::span<const ShownMessage> messages) {
  std::size_t bytes = 256;
  for (const ShownMessage& shown : messages) {
    const Content& content = shown.message.content;
    bytes +=
        384 + content.text.size() + content.metadata.size() + content.ciphertext.size() * 4 / 3;
  }
  return bytes;
}

}  // namespace tidings
