#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "ports/group_queue.h"
#include "tests/faults/fault.h"

namespace tidings {

// A queue that, with Fault::ClearMarkAtAck, keeps a group's mark until the claim is acknowledged.
// Then a message that arrives while its group is being told finds the group marked already, and
// nobody is told of it.
class FaultyGroupQueue final : public GroupQueue {
 public:
  FaultyGroupQueue(GroupQueue& queue, const Clock& clock, Fault fault)
      : queue_(queue), clock_(clock), fault_(fault) {}

  Task<Result<void>> mark(GroupId group) override;
  Task<Result<std::vector<Claim>>> claim(std::size_t limit, milliseconds wait) override;
  Task<Result<bool>> renew(Claim claim) override { return queue_.renew(claim); }
  Task<Result<void>> ack(Claim claim, milliseconds rest) override {
    return queue_.ack(claim, rest);
  }
  Task<Result<std::vector<GroupId>>> reap() override { return queue_.reap(); }
  Task<Result<Depth>> depth() override { return queue_.depth(); }

 private:
  bool is_being_told(GroupId group);
  void being_told(const std::vector<Claim>& claims);

  GroupQueue& queue_;
  const Clock& clock_;
  const Fault fault_;
  std::mutex mutex_;
  std::unordered_map<GroupId, Instant> told_until_;
};

}  // namespace tidings
