#include "core/policies.h"

#include <algorithm>
#include <chrono>

namespace tidings {
namespace {

constinit ThrottleRates rates_in_force;

ThrottlePolicy policy(std::string_view name, ThrottleRates::Rate rate) {
  return {name, rate.burst, seconds(rate.seconds)};
}

// It pays `cost` in `retry_after`, and each token until then takes window / burst.
Allowance left_in(ThrottlePolicy policy, std::uint32_t cost, milliseconds retry_after) {
  using std::chrono::nanoseconds;
  const nanoseconds token = nanoseconds(policy.window) / policy.burst;
  const nanoseconds held = std::max(nanoseconds(0), token * cost - retry_after);
  return {.policy = policy,
          .remaining = static_cast<std::uint32_t>(held / token),
          .full_in = std::chrono::ceil<milliseconds>(policy.window - held)};
}

}  // namespace

void set_throttle_rates(const ThrottleRates& rates) { rates_in_force = rates; }

ThrottlePolicy send_policy(const Caller& caller) {
  if (caller.send_burst > 0 && caller.send_per_seconds > 0) {
    return policy("send", {caller.send_burst, caller.send_per_seconds});
  }
  return policy("send",
                caller.service ? rates_in_force.service_sends : rates_in_force.person_sends);
}

ThrottlePolicy read_policy(const Caller& caller) {
  return policy("read",
                caller.service ? rates_in_force.service_reads : rates_in_force.person_reads);
}

ThrottlePolicy write_policy(const Caller& caller) {
  return policy("write",
                caller.service ? rates_in_force.service_writes : rates_in_force.person_writes);
}

std::optional<Allowance> left_by(const Error& error, std::uint32_t cost, const Caller& caller) {
  for (const auto& policy : {send_policy(caller), read_policy(caller), write_policy(caller)}) {
    if (policy.name == error.refused_by) return left_in(policy, cost, error.retry_after);
  }
  return std::nullopt;
}

}  // namespace tidings
