#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/ids.h"

namespace tidings {

// One life of one gateway process: a restarted gateway is another one.
struct GatewayId {
  std::string address;  // how a notification worker reaches it
  std::uint64_t incarnation = 0;
  auto operator<=>(const GatewayId&) const = default;
};

// Which gateways hold connections of which users. May lose everything at any moment; gateways then
// register their connections anew. Errors of every method: Unavailable.
class Presence {
 public:
  virtual ~Presence() = default;

  // Says that a gateway holds (or no longer holds) at least one connection of a user.
  virtual Task<Result<void>> connected(UserId user, GatewayId gateway) = 0;
  virtual Task<Result<void>> disconnected(UserId user, GatewayId gateway) = 0;
  // A gateway lives for 10 s more; entries of one that does not are ignored.
  virtual Task<Result<void>> heartbeat(GatewayId gateway) = 0;

  struct Location {
    UserId user;
    GatewayId gateway;
  };
  // Where these users (at most 1,000) are connected, in one call; those who are offline are absent.
  virtual Task<Result<std::vector<Location>>> locate(std::vector<UserId> users) = 0;
};

}  // namespace tidings
