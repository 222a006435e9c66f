#pragma once

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/clock_guard.h"
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
  // `clock_guard` may be null: nobody goes on from these watermarks.
  RoundReads(MessageStore& messages, const ClockGuard* clock_guard, const Clock& clock,
             RoundRules rules);
  ~RoundReads();

  // What a reader that begins at `start` needs, as of this call or later. With `keep` it may then
  // be `finished` for others.
  // Errors: Unavailable   also while the clock is out, because it makes the watermark
  Task<Result<std::shared_ptr<const RoundRead>>> read(GroupId group, RoundStart start, bool keep);

  // The same from a read that began at `begun_from` or later, and within the last second; null when
  // none was kept. It may lack rows that the reader has already.
  std::shared_ptr<const RoundRead> finished(GroupId group, RoundStart start, Time begun_from) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
