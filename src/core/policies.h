#pragma once

#include "model/user.h"
#include "ports/throttle.h"

namespace tidings {

// The token buckets of a caller: those of people or services, or of the service key.
ThrottlePolicy send_policy(const Caller& caller);   // messages
ThrottlePolicy read_policy(const Caller& caller);   // every GET, pull, read mark
ThrottlePolicy write_policy(const Caller& caller);  // whatever else changes something

}  // namespace tidings
