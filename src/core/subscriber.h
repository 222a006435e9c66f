#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "model/ids.h"

namespace tidings {

// Somebody who is connected and wants to be told, as the gateway sees them. Called on the loop on
// which it was opened, one call at a time.
class Subscriber {
 public:
  virtual ~Subscriber() = default;

  // Both return when the words have left, or cannot: a connection that is closed says nothing, and
  // its owner closes it at the gateway.
  virtual Task<void> changed(std::uint64_t n, Time time, std::vector<GroupId> groups) = 0;
  virtual Task<void> recheck() = 0;

  // The session or key with which it was opened has ended: it says goodbye and closes.
  virtual Task<void> session_ended() = 0;
};

}  // namespace tidings
