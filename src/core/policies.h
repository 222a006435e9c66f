#pragma once

#include <cstdint>
#include <optional>

#include "model/user.h"
#include "ports/throttle.h"

namespace tidings {

// How large the token buckets are of those whose key says nothing else.
struct ThrottleRates {
  struct Rate {
    std::uint32_t burst;
    std::uint32_t seconds;
  };
  Rate person_sends{10, 10};
  Rate person_reads{300, 10};
  Rate person_writes{60, 10};
  Rate service_sends{1'000, 10};
  Rate service_reads{30'000, 10};
  Rate service_writes{60, 10};
};

// Set for the whole process, before the first call and its threads; else those above hold.
void set_throttle_rates(const ThrottleRates& rates);

// The token buckets of a caller: those of people or services, or of the service key. Safe from any
// thread.
ThrottlePolicy send_policy(const Caller& caller);   // messages
ThrottlePolicy read_policy(const Caller& caller);   // every GET, pull, read mark
ThrottlePolicy write_policy(const Caller& caller);  // whatever else changes something

// What the bucket holds that refused to pay `cost`; nothing when `error` is no such refusal.
std::optional<Allowance> left_by(const Error& error, std::uint32_t cost, const Caller& caller);

}  // namespace tidings
