#pragma once

#include <atomic>

#include "base/clock.h"

namespace tidings {

// A clock that moves only when it is told to, for tests. Safe from any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = from_ms(1'795'000'000'000)) : now_ms_(to_ms(start)) {}

  Time now() const override { return from_ms(now_ms_.load()); }
  Instant monotonic() const override { return Instant(milliseconds(monotonic_ms_.load())); }

  void advance(milliseconds by) {
    now_ms_ += by.count();
    monotonic_ms_ += by.count();
  }
  // Moves the wall clock alone, as a step by an administrator or NTP does.
  void step(milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_;
  std::atomic<std::int64_t> monotonic_ms_{1'000'000};
};

}  // namespace tidings
