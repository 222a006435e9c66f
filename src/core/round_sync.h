#pragma once

#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "core/answer_size.h"
#include "core/round_reads.h"
#include "core/sync_answer.h"
#include "ports/message_store.h"

namespace tidings {

// Sync by rounds behind a watermark: over a store without an exact order of arrival, and for
// whoever has only a time to begin from. Safe from any thread.
class RoundSync {
 public:
  RoundSync(MessageStore& messages, RoundReads& reads, RoundRules rules)
      : messages_(messages), reads_(reads), rules_(rules) {}

  // What arrived after `from`; where that is too much, the newest of it and what was skipped.
  // Errors: Unavailable
  Task<Result<SyncAnswer>> next(SyncReader reader, Cursor from, AnswerRoom room, bool may_reuse);

 private:
  Task<Result<std::vector<Message>>> rows_of(GroupId group, std::shared_ptr<const RoundRead> read,
                                             std::vector<MessageId> ids);
  Task<Result<SyncAnswer>> skip_to_newest(SyncReader reader, Cursor from, AnswerRoom room,
                                          std::shared_ptr<const RoundRead> read,
                                          MessageId lowest_lacking);

  MessageStore& messages_;
  RoundReads& reads_;
  const RoundRules rules_;
};

}  // namespace tidings
