#pragma once

#include <memory>

#include "ports/group_queue.h"

namespace tidings {

// The queue of one process. A mark costs one short lock of one shard, and wakes a waiting claimer
// at once: of the marking thread's own loop if one waits there. A group that has rested and is not
// marked costs no memory.
//
// Due times and leases follow `clock`; how long `claim` waits is measured by the loop it waits on.
class MemoryGroupQueue final : public GroupQueue {
 public:
  explicit MemoryGroupQueue(const Clock& clock);
  ~MemoryGroupQueue() override;

  Task<Result<void>> mark(GroupId group) override;
  Task<Result<std::vector<Claim>>> claim(std::size_t limit, milliseconds wait) override;
  Task<Result<bool>> renew(Claim claim) override;
  Task<Result<void>> ack(Claim claim, milliseconds rest) override;
  Task<Result<std::vector<GroupId>>> reap() override;
  Task<Result<Depth>> depth() override;

  // Groups it holds anything about.
  std::size_t remembered() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
