#pragma once

#include <algorithm>
#include <atomic>

#include "adapters/cassandra/timed_session.h"

namespace tidings::cassandra {

// Timestamps for writes of which the last one counts: this worker's clock, and greater each time,
// so that two writes of one caller never change places. Safe from any thread.
class WriteStamp {
 public:
  explicit WriteStamp(const Clock& clock) : clock_(clock) {}

  std::int64_t next() {
    const std::int64_t now = to_us(clock_.now());
    std::int64_t last = last_.load();
    while (!last_.compare_exchange_weak(last, std::max(now, last + 1))) {
    }
    return std::max(now, last + 1);
  }

 private:
  const Clock& clock_;
  std::atomic<std::int64_t> last_{0};
};

}  // namespace tidings::cassandra
