#pragma once

#include <memory>

#include "base/clock.h"
#include "ports/presence.h"

namespace tidings {

// Presence in one process: a map by user, in shards.
class MemoryPresence final : public Presence {
 public:
  explicit MemoryPresence(const Clock& clock);
  ~MemoryPresence() override;

  Task<Result<void>> connected(UserId user, GatewayId gateway) override;
  Task<Result<void>> disconnected(UserId user, GatewayId gateway) override;
  Task<Result<void>> heartbeat(GatewayId gateway) override;
  Task<Result<std::vector<Location>>> locate(std::vector<UserId> users) override;

  // Forgets everything, as a Redis that was restarted empty does.
  void lose_everything();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
