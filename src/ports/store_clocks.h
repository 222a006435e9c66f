#pragma once

#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings {

// The wall clocks of the nodes that keep the messages.
class StoreClocks {
 public:
  virtual ~StoreClocks() = default;

  // What they show now, one for each node that answered; at least one. Errors: Unavailable
  virtual Task<Result<std::vector<Time>>> read() = 0;
};

}  // namespace tidings
