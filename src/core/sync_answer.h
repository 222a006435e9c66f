#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/directory.h"
#include "model/cursor.h"
#include "model/digest.h"
#include "model/message.h"

namespace tidings {

// Who asks for changes, and what of the group they may see.
struct SyncReader {
  std::shared_ptr<const Standing> standing;
  MessageId visible_from;

  GroupId group() const { return standing->group.id; }
};

// What was found for one answer, before deleted bodies are taken out.
struct SyncAnswer {
  std::vector<Message> messages;  // in sent order
  Cursor cursor;
  std::optional<IdRange> skipped;
  std::optional<Digest> digest;
  bool nothing_fitted = false;  // no room was left: the reader stands where they stood
};

// The digest of these ids (any order, none twice), which are all from `from` on.
Digest digest_from(MessageId from, const std::vector<MessageId>& ids);

// Sorts by id and drops what stands twice.
void into_sent_order(std::vector<Message>& messages);
void into_sent_order(std::vector<MessageId>& ids);

}  // namespace tidings
