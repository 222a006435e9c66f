#pragma once

#include "core/gateway.h"
#include "ports/gateways.h"

namespace tidings {

// Reaches the gateway of this process by calling it. Others are lives of it that have ended, and
// hold nobody.
class LocalGateways final : public Gateways {
 public:
  explicit LocalGateways(Gateway& gateway) : gateway_(gateway) {}

  Task<Result<void>> changed(GatewayId gateway, GroupId group, std::vector<UserId> users) override {
    if (gateway == gateway_.self()) gateway_.changed(group, users);
    co_return {};
  }
  Task<Result<void>> recheck(GatewayId gateway, std::vector<UserId> users) override {
    if (gateway == gateway_.self()) gateway_.recheck(users);
    co_return {};
  }

 private:
  Gateway& gateway_;
};

}  // namespace tidings
