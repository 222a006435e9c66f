#include "model/message_record.h"

#include <xxhash.h>

#include <vector>

#include "base/bytes.h"

namespace tidings {
namespace {

constexpr std::uint8_t kVersion = 1;

// A damaged length must not make us reserve memory for what is not there.
constexpr std::uint64_t kListItemsMax = 1'000;

enum MessageFlags : std::uint16_t {
  kErased = 1 << 0,
  kRemove = 1 << 1,
  kHasText = 1 << 2,
  kHasLinks = 1 << 3,
  kHasMetadata = 1 << 4,
  kHasMentions = 1 << 5,
  kHasReplyTo = 1 << 6,
  kHasTarget = 1 << 7,
  kHasEmoji = 1 << 8,
  kHasCiphertext = 1 << 9,
  kHasScheme = 1 << 10,
  kMessageFlagsEnd = 1 << 11,
};

std::uint16_t flags_of(const Message& message) {
  const Content& content = message.content;
  unsigned flags = 0;
  const auto add = [&flags](bool set, MessageFlags flag) {
    if (set) flags |= flag;
  };
  add(message.erased, kErased);
  add(content.remove, kRemove);
  add(!content.text.empty(), kHasText);
  add(!content.links.empty(), kHasLinks);
  add(!content.metadata.empty(), kHasMetadata);
  add(!content.mentions.empty(), kHasMentions);
  add(content.reply_to.has_value(), kHasReplyTo);
  add(content.target.has_value(), kHasTarget);
  add(!content.emoji.empty(), kHasEmoji);
  add(!content.ciphertext.empty(), kHasCiphertext);
  add(!content.scheme.empty(), kHasScheme);
  return static_cast<std::uint16_t>(flags);
}

void write_list(ByteWriter& writer, const std::vector<std::string>& items) {
  writer.varint(items.size());
  for (const std::string& item : items) writer.text(item);
}

bool read_list(ByteReader& reader, std::vector<std::string>& items) {
  const auto count = reader.varint();
  if (count > kListItemsMax || count > reader.left()) return false;
  items.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) items.emplace_back(reader.text());
  return true;
}

bool read_kind(ByteReader& reader, Kind first, Kind last, Kind& kind) {
  const auto raw = reader.u8();
  if (raw < static_cast<std::uint8_t>(first) || raw > static_cast<std::uint8_t>(last)) return false;
  kind = static_cast<Kind>(raw);
  return true;
}

}  // namespace

// version 1 | kind 1 | flags 2 | received_at 8 | author 16 | author_name | then, where its flag is
// set: text | links | metadata | mentions | reply_to 16 | target 16 | emoji | ciphertext | scheme.
// A text is a varint length and its bytes; a list a varint count and its texts.
std::string encode(const Message& message) {
  const Content& content = message.content;
  const auto flags = flags_of(message);
  std::string bytes;
  bytes.reserve(64 + message.author_name.size() + content.text.size() + content.metadata.size() +
                content.ciphertext.size());
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(content.kind));
  writer.u16(flags);
  writer.time(message.received_at);
  writer.uuid(message.author.value);
  writer.text(message.author_name);
  if (flags & kHasText) writer.text(content.text);
  if (flags & kHasLinks) write_list(writer, content.links);
  if (flags & kHasMetadata) writer.text(content.metadata);
  if (flags & kHasMentions) write_list(writer, content.mentions);
  if (flags & kHasReplyTo) writer.uuid(content.reply_to->value);
  if (flags & kHasTarget) writer.uuid(content.target->value);
  if (flags & kHasEmoji) writer.text(content.emoji);
  if (flags & kHasCiphertext) writer.text(content.ciphertext);
  if (flags & kHasScheme) writer.text(content.scheme);
  return bytes;
}

std::uint64_t content_hash(const Content& content) {
  Message said;
  said.content = content;
  const std::string record = encode(said);
  return XXH3_64bits(record.data(), record.size());
}

bool decode(std::string_view bytes, Message& message) {
  ByteReader reader(bytes);
  Content& content = message.content;
  if (reader.u8() != kVersion) return false;
  if (!read_kind(reader, Kind::Text, Kind::Opaque, content.kind)) return false;
  const auto flags = reader.u16();
  if (flags >= kMessageFlagsEnd) return false;
  message.erased = (flags & kErased) != 0;
  content.remove = (flags & kRemove) != 0;
  message.received_at = reader.time();
  message.author = UserId{reader.uuid()};
  message.author_name = reader.text();
  if (flags & kHasText) content.text = reader.text();
  if ((flags & kHasLinks) && !read_list(reader, content.links)) return false;
  if (flags & kHasMetadata) content.metadata = reader.text();
  if ((flags & kHasMentions) && !read_list(reader, content.mentions)) return false;
  if (flags & kHasReplyTo) content.reply_to = MessageId{reader.uuid()};
  if (flags & kHasTarget) content.target = MessageId{reader.uuid()};
  if (flags & kHasEmoji) content.emoji = reader.text();
  if (flags & kHasCiphertext) content.ciphertext = reader.text();
  if (flags & kHasScheme) content.scheme = reader.text();
  return reader.at_end();
}

// version 1 | kind 1 | remove 1 | id 16 | author 16 | text | emoji
std::string encode(const Amendment& amendment) {
  std::string bytes;
  bytes.reserve(48 + amendment.text.size() + amendment.emoji.size());
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(amendment.kind));
  writer.u8(amendment.remove ? 1 : 0);
  writer.uuid(amendment.id.value);
  writer.uuid(amendment.author.value);
  writer.text(amendment.text);
  writer.text(amendment.emoji);
  return bytes;
}

bool decode(std::string_view bytes, Amendment& amendment) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  if (!read_kind(reader, Kind::Edit, Kind::Reaction, amendment.kind)) return false;
  amendment.remove = reader.u8() != 0;
  amendment.id = MessageId{reader.uuid()};
  amendment.author = UserId{reader.uuid()};
  amendment.text = reader.text();
  amendment.emoji = reader.text();
  return reader.at_end();
}

// version 1 | count 8 | sum 16
std::string encode(const DigestSum& sum) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u64(sum.count());
  writer.raw(as_text(sum.bytes()));
  return bytes;
}

bool decode(std::string_view bytes, DigestSum& sum) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  const auto count = reader.u64();
  const Uuid sixteen = reader.uuid();
  if (!reader.at_end()) return false;
  sum = DigestSum::from(count, sixteen.bytes);
  return true;
}

}  // namespace tidings
