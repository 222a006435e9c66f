#pragma once

#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"
#include "ports/presence.h"

namespace tidings {

// Reaches the gateways that hold connections, wherever they run.
class Gateways {
 public:
  virtual ~Gateways() = default;

  // Tells `gateway` that `group` changed for these users. Success means that it has flagged their
  // connections.
  //
  // Errors: Unavailable   it did not answer; telling it again is harmless
  virtual Task<Result<void>> changed(GatewayId gateway, GroupId group,
                                     std::vector<UserId> users) = 0;
  // Asks `gateway` to send `recheck` to these users.
  virtual Task<Result<void>> recheck(GatewayId gateway, std::vector<UserId> users) = 0;
};

}  // namespace tidings
