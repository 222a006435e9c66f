#include "core/policies.h"

namespace tidings {
namespace {

constinit ThrottleRates rates_in_force;

ThrottlePolicy policy(std::string_view name, ThrottleRates::Rate rate) {
  return {name, rate.burst, seconds(rate.seconds)};
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

std::optional<ThrottlePolicy> policy_named(std::string_view name, const Caller& caller) {
  for (const auto& policy : {send_policy(caller), read_policy(caller), write_policy(caller)}) {
    if (policy.name == name) return policy;
  }
  return std::nullopt;
}

}  // namespace tidings
