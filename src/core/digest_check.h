#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "model/digest.h"
#include "model/user.h"
#include "ports/message_store.h"

namespace tidings {

// Answers what a client compares with its own rows, amendments included, to know that it misses
// nothing. Covers only what the caller may see.
//
// Safe from any thread. Errors of every method: UnknownGroup (none, or the caller is not in it),
// Unavailable.
class DigestCheck {
 public:
  DigestCheck(MessageStore& messages, Directory& directory, const Clock& clock)
      : messages_(messages), directory_(directory), clock_(clock) {}

  // The rows with from <= id < to; `from` and `to` come back as asked. Of more than 10,000 rows,
  // also `parts` that follow each other and hold at most 10,000 rows each. Of at most 256, `ids`.
  Task<Result<Digest>> range(Caller caller, GroupId group, IdRange range);

  // The newest `rows` rows; Digest::from is the oldest of them, Digest::to is absent.
  // Errors: InvalidRequest   `rows` is not 1 to 10,000
  Task<Result<Digest>> last(Caller caller, GroupId group, std::size_t rows);

 private:
  MessageStore& messages_;
  Directory& directory_;
  const Clock& clock_;
};

}  // namespace tidings
