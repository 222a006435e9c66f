#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "base/result.h"
#include "base/task.h"
#include "core/round_reads.h"
#include "core/sync_answer.h"
#include "ports/arrival_log.h"
#include "ports/message_store.h"

namespace tidings {

// Counts what arrived after a reader's mark. Safe from any thread.
class UnreadCount {
 public:
  struct Unread {
    std::size_t count = 0;     // text and opaque messages of others, at most 100
    std::size_t mentions = 0;  // of those, how many name the reader
  };

  // `log` may be null.
  UnreadCount(MessageStore& messages, ArrivalLog* log, RoundReads& reads, RoundRules rules)
      : messages_(messages), log_(log), reads_(reads), rules_(rules) {}

  // Behind `mark`; without one, since the reader joined. Errors: Unavailable
  Task<Result<Unread>> run(SyncReader reader, std::optional<Cursor> mark);

 private:
  Task<Result<Unread>> behind_position(SyncReader reader, std::uint64_t position);
  Task<Result<Unread>> behind_watermark(SyncReader reader, Cursor mark);
  Task<Result<Unread>> since_joined(SyncReader reader);

  MessageStore& messages_;
  ArrivalLog* const log_;
  RoundReads& reads_;
  const RoundRules rules_;
};

}  // namespace tidings
