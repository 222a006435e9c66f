#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/message.h"

namespace tidings {

// The winner of one slot of a target: the later sent of the edits, of the deletes, or of one user's
// reactions with one emoji. Its kind, author and emoji are the slot; `remove` is a value, not an
// absence.
struct Amendment {
  MessageId target;
  MessageId id;  // of the message that said so; the greater id wins its slot
  UserId author;
  Kind kind = Kind::Edit;
  std::string text;   // edit
  std::string emoji;  // reaction
  bool remove = false;

  bool operator==(const Amendment&) const = default;
};

// The amendment that `message` makes; nothing unless its kind is one.
std::optional<Amendment> amendment_of(const Message& message);

// "edit", "delete" or "reaction:<user>:<emoji>": one row a target and slot, in every store.
std::string slot_of(const Amendment& amendment);

struct ReactionCount {
  std::string emoji;
  std::size_t count = 0;
  bool me = false;

  bool operator==(const ReactionCount&) const = default;
};

// A message as a page of history shows it.
struct ShownMessage {
  Message message;
  std::optional<Time> edited_at;         // sent_at of the winning edit
  bool deleted = false;                  // then it has no body
  std::vector<ReactionCount> reactions;  // by emoji
};

// What a reader sees of `message` after `amendments`, which all name it as target and hold one row
// a slot. A delete beats an edit.
ShownMessage apply(Message message, std::span<const Amendment> amendments, UserId reader);

// Takes the body away, as a delete or an erasure does; who, when and which kind stay.
void strip_body(Message& message);
// The same of what an erased message had amended: an edit has no text, a reaction is taken back.
void strip_body(Amendment& amendment);

}  // namespace tidings
