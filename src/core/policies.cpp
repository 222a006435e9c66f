#include "core/policies.h"

namespace tidings {
namespace {

constexpr seconds kWindow{10};

}  // namespace

ThrottlePolicy send_policy(const Caller& caller) {
  if (caller.send_burst > 0 && caller.send_per_seconds > 0) {
    return {"send", caller.send_burst, seconds(caller.send_per_seconds)};
  }
  return {"send", caller.service ? 1'000U : 10U, kWindow};
}

ThrottlePolicy read_policy(const Caller& caller) {
  return {"read", caller.service ? 30'000U : 300U, kWindow};
}

ThrottlePolicy write_policy(const Caller&) { return {"write", 60, kWindow}; }

}  // namespace tidings
