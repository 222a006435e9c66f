#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidings {

// Bounds the requests of one IP address, or of one /64 of IPv6: what a load balancer does in front
// of a cluster. Loopback addresses are not limited, since they stand for a proxy or for the
// machine's owner.
//
// Takes half a MiB whatever happens: addresses fall into 65,536 slots by a secret hash, and the few
// that share a slot share its tokens. Safe from any thread, without a lock.
class IpLimit {
 public:
  // A rate of 0 limits nobody.
  IpLimit(Rate rate, const Clock& clock);

  // Takes one request. Errors: TooManyRequests, with retry_after
  Result<void> take(std::string_view ip);

  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kSlots = 65'536;

  std::size_t slot_of(std::string_view ip) const;

  const Clock& clock_;
  std::int64_t interval_ns_;  // between two requests at the steady rate; 0: no limit
  std::int64_t burst_ns_;     // how far ahead of the steady rate one may be
  std::string secret_;
  // When the requests so far would have been spent at the steady rate, in ns of the monotonic
  // clock.
  std::unique_ptr<std::array<std::atomic<std::int64_t>, kSlots>> spent_at_;
  std::atomic<std::uint64_t> refused_{0};
};

// What is counted as one: "203.0.113.9", or "2001:db8:0:1" for any address of that /64.
std::string network_of(std::string_view ip);

}  // namespace tidings
