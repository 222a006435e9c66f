#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace tidings {

enum class Kind : std::uint8_t { Text = 1, Edit, Delete, Reaction, Opaque };

std::string_view kind_name(Kind kind);  // "text"
std::optional<Kind> kind_of_name(std::string_view name);

// An amendment is a message that changes how another one is shown.
constexpr bool is_amendment(Kind kind) {
  return kind == Kind::Edit || kind == Kind::Delete || kind == Kind::Reaction;
}

// What the sender said: the part of a message that a retry must repeat. Fields that the kind does
// not use are empty.
struct Content {
  Kind kind = Kind::Text;
  std::string text;  // text, edit
  std::vector<std::string> links;
  std::string metadata;               // a compact JSON object with sorted keys, or empty for none
  std::vector<std::string> mentions;  // bare names, in the order given
  std::optional<MessageId> reply_to;
  std::optional<MessageId> target;  // edit, delete, reaction
  std::string emoji;                // reaction
  bool remove = false;              // reaction
  std::string ciphertext;           // opaque: the decoded bytes
  std::string scheme;               // opaque

  bool operator==(const Content&) const = default;
};

// Checks everything about `content` that needs no store: sizes, schemes of links, fields that the
// kind requires or does not know.
//
// Errors: InvalidRequest naming the field; TextTooLong
Result<void> check(const Content& content);

// A row on the sent axis of a group.
struct Message {
  MessageId id;
  GroupId group;
  UserId author;
  std::string author_name;  // bare; names never change
  Time received_at;         // of the arrival that won
  bool erased = false;      // the account has ended: no content but the kind
  Content content;

  Time sent_at() const { return id.sent_at(); }
  bool is_late() const;
  bool operator==(const Message&) const = default;
};

// received_at - sent_at > 5 s.
bool is_late(MessageId id, Time received_at);

}  // namespace tidings
