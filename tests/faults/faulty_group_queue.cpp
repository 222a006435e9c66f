#include "tests/faults/faulty_group_queue.h"

namespace tidings {
namespace {

// How long telling the members of a group takes: within one process far less, to gateways far away
// as long as this when one of them is slow.
constexpr milliseconds kTelling{500};

}  // namespace

Task<Result<void>> FaultyGroupQueue::mark(GroupId group) {
  if (fault_ == Fault::ClearMarkAtAck && is_being_told(group)) co_return {};
  co_return co_await queue_.mark(group);
}

Task<Result<std::vector<Claim>>> FaultyGroupQueue::claim(std::size_t limit, milliseconds wait) {
  auto claims = co_await queue_.claim(limit, wait);
  if (claims) being_told(*claims);
  co_return claims;
}

bool FaultyGroupQueue::is_being_told(GroupId group) {
  const std::scoped_lock lock(mutex_);
  const auto found = told_until_.find(group);
  return found != told_until_.end() && clock_.monotonic() < found->second;
}

void FaultyGroupQueue::being_told(const std::vector<Claim>& claims) {
  const std::scoped_lock lock(mutex_);
  for (const Claim& claim : claims) told_until_[claim.group] = clock_.monotonic() + kTelling;
}

}  // namespace tidings
