#include "model/ids.h"

#include <algorithm>
#include <span>

#include "base/hash.h"

namespace tidings {

std::optional<MessageId> MessageId::parse(std::string_view text) {
  const auto uuid = Uuid::parse(text);
  if (!uuid || uuid->version() != 7 || (uuid->bytes[8] & 0xC0) != 0x80) {
    return std::nullopt;
  }
  return MessageId{*uuid};
}

MessageId MessageId::tagged(UserId author) const {
  const auto digest = sha256(author.value.bytes, std::span(value.bytes).first(12));
  MessageId id = *this;
  std::copy_n(digest.begin(), 4, id.value.bytes.begin() + 12);
  return id;
}

GroupId direct_group_id(UserId one, UserId other) {
  const auto [smaller, larger] = std::minmax(one, other);
  return {Uuid::v5(smaller.value, "direct:" + larger.to_string())};
}

GroupId keyed_group_id(UserId creator, const Uuid& key) {
  return {Uuid::v5(creator.value, "group:" + key.to_string())};
}

}  // namespace tidings
