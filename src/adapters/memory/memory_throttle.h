#pragma once

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "ports/throttle.h"

namespace tidings {

// Token buckets of one process, in shards by user. A bucket is one instant: when it will be full
// again. Full buckets are forgotten within 10 s.
class MemoryThrottle final : public Throttle {
 public:
  static constexpr std::size_t kReplaysMax = 4'000'000;

  // `replays_max` bounds the memory of granted sends, at 8 to 32 bytes each. Beyond it the oldest
  // are forgotten before their 60 s are over.
  explicit MemoryThrottle(const Clock& clock, std::size_t replays_max = kReplaysMax);
  ~MemoryThrottle() override;

  Task<Result<Allowance>> take(UserId user, ThrottlePolicy policy, std::uint32_t cost) override;
  Task<Result<Allowance>> take_send(UserId user, ThrottlePolicy send, ThrottlePolicy read,
                                    std::uint32_t cost, SendAttempt attempt) override;

  struct Stats {
    std::size_t buckets = 0;
    std::size_t replays = 0;
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
