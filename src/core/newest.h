#pragma once

#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "core/answer_size.h"
#include "core/sync_answer.h"
#include "ports/message_store.h"

namespace tidings {

struct NewestRows {
  std::vector<Message> messages;  // ascending
  bool is_cut = false;            // there are older ones
};

// The newest rows that the reader may see and that have room. Errors: Unavailable
Task<Result<NewestRows>> read_newest(MessageStore& store, SyncReader reader, AnswerRoom room);

}  // namespace tidings
