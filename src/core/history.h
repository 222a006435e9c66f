#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "model/amendment.h"
#include "model/limits.h"
#include "model/user.h"
#include "ports/message_store.h"

namespace tidings {

struct HistoryRequest {
  GroupId group;
  // Bounds are exclusive and need not exist. With both: the oldest of the range. With none: the
  // newest of all.
  std::optional<MessageId> before;
  std::optional<MessageId> after;
  std::optional<MessageId> around;  // alone; the page includes it
  std::size_t limit = kPageLimitDefault;
};

struct HistoryPage {
  std::vector<ShownMessage> messages;  // in sent order; never empty while there are more
  bool has_before = false;
  bool has_after = false;
};

// Reads what was said in a group, in sent order and as it stands now.
//
// Safe from any thread. Errors of every method: UnknownGroup (none, or the caller is not in it),
// Unavailable.
class History {
 public:
  History(MessageStore& messages, Directory& directory, const Clock& clock)
      : messages_(messages), directory_(directory), clock_(clock) {}

  // At most `limit` messages and 1 MiB of them (at least one), amendments applied and not listed.
  // Errors: InvalidRequest   a limit that is not 1 to 200; `around` with another bound
  Task<Result<HistoryPage>> page(Caller caller, HistoryRequest request);

  // One message, amendments applied. Errors: UnknownMessage (none that the caller may see)
  Task<Result<ShownMessage>> one(Caller caller, GroupId group, MessageId id);

  // Those of these ids that the caller may see, in sent order, amendments not applied (but a
  // deleted message has no body). At most 1 MiB of them (at least one): ask again for the rest.
  // Errors: InvalidRequest   not 1 to 100 ids
  Task<Result<std::vector<ShownMessage>>> by_ids(Caller caller, GroupId group,
                                                 std::vector<MessageId> ids);

 private:
  MessageStore& messages_;
  Directory& directory_;
  const Clock& clock_;
};

}  // namespace tidings
