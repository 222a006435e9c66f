#include "adapters/redis/circuit_breaker.h"

#include <utility>

namespace tidings {

bool CircuitBreaker::may_try() {
  const std::lock_guard lock(mutex_);
  if (misses_ < kMissesMax) return true;
  if (clock_.monotonic() < left_alone_until_) return false;
  return !std::exchange(trying_, true);
}

bool CircuitBreaker::report(bool answered) {
  const std::lock_guard lock(mutex_);
  const bool was_open = misses_ >= kMissesMax;
  trying_ = false;
  if (answered) {
    misses_ = 0;
    return was_open;
  }
  if (!was_open && ++misses_ < kMissesMax) return false;
  left_alone_until_ = clock_.monotonic() + kLeaveAloneFor;
  return !was_open;
}

bool CircuitBreaker::is_open() const {
  const std::lock_guard lock(mutex_);
  return misses_ >= kMissesMax;
}

}  // namespace tidings
