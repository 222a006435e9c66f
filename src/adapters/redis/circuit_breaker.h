#pragma once

#include <mutex>

#include "base/clock.h"

namespace tidings {

// Leaves a server alone that does not answer: after five misses in a row nothing is tried for a
// second, then one call at a time until one is answered.
//
// Safe from any thread.
class CircuitBreaker {
 public:
  static constexpr int kMissesMax = 5;
  static constexpr milliseconds kLeaveAloneFor = seconds(1);

  explicit CircuitBreaker(const Clock& clock) : clock_(clock) {}

  // False: do without the server. True: call it, and `report` how that went.
  bool may_try();
  // True when this report changed whether the server is used.
  bool report(bool answered);
  bool is_open() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  int misses_ = 0;
  Instant left_alone_until_ = Instant::min();
  bool trying_ = false;  // the one call that finds out whether it answers again is under way
};

}  // namespace tidings
