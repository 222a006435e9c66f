#pragma once

#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/amendment.h"
#include "ports/message_store.h"

namespace tidings {

// These rows of one group (at most 200, in their order) as a reader may see them without
// amendments being applied: what was deleted has no body, nor has an edit of it, or of a message
// that is older than `visible_from`, the first that the reader may see.
//
// As of `as_of` or later.
//
// Errors: Unavailable
Task<Result<std::vector<ShownMessage>>> hide_deleted(MessageStore& store, GroupId group,
                                                     std::vector<Message> messages,
                                                     MessageId visible_from, Instant as_of);

}  // namespace tidings
