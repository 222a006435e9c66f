#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/clock_guard.h"
#include "core/directory.h"
#include "core/round_rules.h"
#include "core/unread_count.h"
#include "model/amendment.h"
#include "model/digest.h"
#include "model/limits.h"
#include "model/user.h"
#include "ports/arrival_log.h"
#include "ports/message_store.h"

namespace tidings {

struct ChangesRequest {
  GroupId group;
  // Where the reader stands: a cursor as the client sent it, or an arrival time. With neither, the
  // answer is the newest messages.
  std::optional<std::string> cursor;
  std::optional<Time> since;
  std::size_t limit = kPageLimitDefault;
  bool fresh = false;  // never answer from a read that was finished before
};

// What a reader lacked.
struct Changes {
  // In sent order; amendments are messages here, and have not been applied. A deleted one has no
  // body. One that the reader has already may come again.
  std::vector<ShownMessage> messages;
  // Where the reader stands now. Empty only in a pull whose limit was used up before this group was
  // read for the first time: `more` is true then, and the reader comes again without one.
  std::string cursor;
  bool more = false;
  std::optional<IdRange> skipped;  // too much arrived: history has the rest of this range
  std::optional<Digest> digest;    // when the reader has all: no more, nothing skipped
  bool push = true;
  milliseconds next_poll{0};  // when to ask again, if nobody tells
};

struct PullRequest {
  struct Position {
    GroupId group;
    std::optional<std::string> cursor;
  };
  std::vector<Position> groups;
  std::size_t limit = kPageLimitDefault;  // for all groups together
  bool fresh = false;
};

struct PullResult {
  GroupId group;
  Result<Changes> changes;
};

// Brings a reader up to date on the arrival axis of a group, without ever leaving a gap. Over a
// store with an arrival log it follows that; over others it reads rounds behind a watermark.
//
// Safe from any thread.
class Sync {
 public:
  // `log` may be null: the store keeps no exact order. Then nothing is answered while the clock is
  // out, because it makes the watermarks.
  Sync(MessageStore& messages, ArrivalLog* log, Directory& directory, const ClockGuard& clock_guard,
       const Clock& clock, RoundRules rules = {});
  ~Sync();

  // At most `limit` messages and 1 MiB of them (at least one); `more` says to come again at once.
  //
  // Errors: InvalidRequest  both cursor and since, or a limit that is not 1 to 200
  //         InvalidCursor   start without one
  //         UnknownGroup    there is none, or the caller is not in it
  //         Unavailable
  Task<Result<Changes>> changes(Caller caller, ChangesRequest request);

  // The same for several groups, in the order asked; groups for which nothing was left of the
  // limit or of 1 MiB say `more`.
  //
  // Errors: InvalidRequest  more than 100 groups, or a limit that is not 1 to 200. What is wrong
  //                         with one group is in its result.
  Task<Result<std::vector<PullResult>>> pull(Caller caller, PullRequest request);

  using Unread = UnreadCount::Unread;
  // How many text or opaque messages of others arrived after `mark` (for a member without one:
  // since they joined), and how many of those mention the reader. Counting stops at 100.
  // Errors: Unavailable
  Task<Result<Unread>> count_unread(std::shared_ptr<const Standing> reader,
                                    std::optional<Cursor> mark);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
