#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/answer_size.h"
#include "core/sync_answer.h"
#include "ports/arrival_log.h"
#include "ports/message_store.h"

namespace tidings {

// Sync over a store that knows the exact order of arrival. Safe from any thread.
class LogSync {
 public:
  LogSync(MessageStore& messages, ArrivalLog& log, const Clock& clock)
      : messages_(messages), log_(log), clock_(clock) {}

  // What stands in the log behind `from`, which has a sequence of this store epoch.
  // Errors: Unavailable
  Task<Result<SyncAnswer>> next(SyncReader reader, Cursor from, AnswerRoom room);

 private:
  MessageStore& messages_;
  ArrivalLog& log_;
  const Clock& clock_;
};

}  // namespace tidings
