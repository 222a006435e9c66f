#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "adapters/redis/redis_link.h"
#include "ports/presence.h"

namespace tidings {

// Who is connected where, shared by all workers: a hash per user with a field for each gateway's
// life, and one key for each gateway that says which life it is in, for 10 s.
//
// `locate` asks for all users and for the gateways it remembers in one round trip; one more where
// it meets a gateway for the first time. That a gateway lives is believed for 1 s, that it does not
// is never believed without asking. Entries of a former life of a gateway are struck out when they
// are seen, and those of a gateway that was silent for a minute.
//
// Entries last for a week after a user's last registration at any gateway, so gateways must
// register everybody anew within that (Gateway::presence_was_lost, once a day). Every call gives up
// after 500 ms. Safe from any thread.
class RedisPresence final : public Presence {
 public:
  // Both outlive it.
  //
  // `was_forgotten` is called in a heartbeat that finds no trace of the one before: Redis lost it,
  // or it lapsed. What was registered may be gone, and must be registered anew; called once for
  // each time, from inside `heartbeat`, so it should only take note.
  RedisPresence(RedisLink& link, const Clock& clock, std::function<void()> was_forgotten = {});
  ~RedisPresence() override;

  Task<Result<void>> connected(UserId user, GatewayId gateway) override;
  Task<Result<void>> disconnected(UserId user, GatewayId gateway) override;
  Task<Result<void>> heartbeat(GatewayId gateway) override;
  Task<Result<std::vector<Location>>> locate(std::vector<UserId> users) override;

  // Counts since the start, safe from any thread.
  struct Stats {
    std::uint64_t located = 0;      // calls of `locate`
    std::uint64_t round_trips = 0;  // that these took, one after the other
    std::uint64_t struck_out = 0;   // entries of gateways that are gone
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
