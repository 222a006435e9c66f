#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "core/gateway.h"
#include "net/asio_loop.h"
#include "ports/gateways.h"

namespace tidings {

// Reaches the gateway of this process by calling it, and those of other processes by HTTP
// (`GatewayHandler`). One call at a time goes to each, on a connection that is kept; what is to be
// told meanwhile goes with the next one, so that a gateway that is busy is asked less often, not
// more.
//
// One that answers that it has another incarnation, or is no gateway, holds nobody that was meant:
// a success.
//
// Used on one loop. Nothing is under way when it is destroyed.
class RemoteGateways final : public Gateways {
 public:
  struct Limits {
    milliseconds answer_within{1'000};
    std::size_t waiting_max = 4'096;  // tellings for one gateway; more are Unavailable at once
  };

  // `secret` is what all notification workers know.
  RemoteGateways(AsioLoop& loop, Gateway& own, std::string secret);
  RemoteGateways(AsioLoop& loop, Gateway& own, std::string secret, Limits limits);
  ~RemoteGateways() override;

  Task<Result<void>> changed(GatewayId gateway, GroupId group, std::vector<UserId> users) override;
  Task<Result<void>> recheck(GatewayId gateway, std::vector<UserId> users) override;

  struct Stats {
    std::uint64_t calls = 0;     // over the network
    std::uint64_t tellings = 0;  // in these calls
    std::uint64_t failed = 0;    // tellings
  };
  Stats stats() const;  // safe from any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
