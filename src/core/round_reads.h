#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/round.h"
#include "model/ids.h"
#include "ports/message_store.h"

namespace tidings {

// Reads rounds from the store, one at a time for each group: readers that come while it is being
// read are answered together by the next read. Never by the one under way, which may have passed
// the place where their own last message stands.
//
// Safe from any thread.
class RoundReads {
 public:
  RoundReads(MessageStore& messages, const Clock& clock, RoundRules rules);
  ~RoundReads();

  // What a reader that begins at `start` needs, as of this call or later. Where `reusable_from`
  // says, a read that was finished within the last second may serve, if it began then or later.
  // Errors: Unavailable
  Task<Result<std::shared_ptr<const RoundRead>>> read(GroupId group, RoundStart start,
                                                      std::optional<Time> reusable_from);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
