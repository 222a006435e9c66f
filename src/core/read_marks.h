#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/sync.h"
#include "model/user.h"
#include "ports/read_mark_store.h"

namespace tidings {

// Remembers up to where each reader has read, and counts what they have not.
//
// Safe from any thread. Errors of every method: UnknownGroup (none, or the caller is not in it),
// Unavailable.
class ReadMarks {
 public:
  ReadMarks(ReadMarkStore& marks, Directory& directory, Sync& sync, const Clock& clock)
      : marks_(marks), directory_(directory), sync_(sync), clock_(clock) {}

  // What the cursor has returned is read from now on. It never moves back.
  // Errors: InvalidCursor   not one of this group, of a round that is not finished, or of the
  // future
  Task<Result<void>> put(Caller caller, GroupId group, std::string cursor);

  // How many text or opaque messages of others arrived after the caller's mark (without one: since
  // they joined), at most 100.
  Task<Result<Sync::Unread>> unread(Caller caller, GroupId group);

 private:
  ReadMarkStore& marks_;
  Directory& directory_;
  Sync& sync_;
  const Clock& clock_;
};

}  // namespace tidings
