#pragma once

#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/message.h"
#include "ports/message_store.h"

namespace tidings {

// Messages as history lists them: amendments are passed over.
struct ListedRows {
  std::vector<Message> messages;  // ascending
  bool has_more = false;          // there are others in the range, at the end that was not kept
};

// At most `limit` messages of the range, from the end that `take` says. With a limit of 0 it tells
// whether there are any. Errors: Unavailable
Task<Result<ListedRows>> read_listed(MessageStore& store, GroupId group, IdRange range, Take take,
                                     std::size_t limit);

}  // namespace tidings
