#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace tidings {

// What one notification worker asks the gateway of another: whom to tell of which group, and who
// should look at their status.
struct GatewayCall {
  // Of the two together.
  static constexpr std::size_t kGroupsMax = 1'000;
  static constexpr std::size_t kUsersMax = 5'000;

  struct Changed {
    GroupId group;
    std::vector<UserId> users;
  };
  std::uint64_t incarnation = 0;  // of the gateway that is meant
  std::vector<Changed> changed;
  std::vector<UserId> recheck;
};

//   {"incarnation":"00a1b2c3d4e5f607","changed":[{"group":id,"users":[id, …]}],"recheck":[id, …]}
//
// The incarnation is 16 hex digits, since JSON's numbers are not exact so far.
std::string encode_gateway_call(const GatewayCall& call);

// Errors: InvalidRequest naming each field that is wrong; more than the limits above
Result<GatewayCall> decode_gateway_call(std::string_view body);

}  // namespace tidings
