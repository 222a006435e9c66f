#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/backend_ports.h"
#include "app/chores.h"
#include "app/health_handler.h"
#include "app/metric_page.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

namespace tidings {

// Why a worker can't begin yet, or ever.
struct BackendTrouble {
  std::string which;      // "cassandra" or "redis"
  std::string reason;     // for the person who runs it, says what to do
  bool is_final = false;  // trying again is of no use
};

// What keeps everything of a cluster: Cassandra the messages and people, Redis what may be lost.
// This process keeps nothing but connections and caches.
//
// `connect` is called by one thread; afterwards safe from any.
class ClusterBackend {
 public:
  // `hook` may put something between all that and the core: see PortsHook.
  ClusterBackend(const Settings& settings, const Clock& clock, PortsHook hook = {});
  ~ClusterBackend();

  // Connects to what is not connected yet; takes a few seconds at most. Nothing when all is there
  // and as it should be; else it is called again, later.
  std::optional<BackendTrouble> connect();

  // The rest is for afterwards.
  BackendPorts ports();

  // How often Redis has become another one since the start (a new run, a fail-over): what was in it
  // is lost. Learned within seconds, by a chore.
  std::uint64_t redis_losses() const;

  // Calls of Cassandra that were answered so far, well or not, and what they took together.
  struct StoreCalls {
    std::uint64_t answered = 0;
    std::uint64_t took_us = 0;
  };
  StoreCalls store_calls() const;

  // What has to be done again and again: looks at Redis, renews the signing keys.
  void add_chores(Chores& chores);

  // A new key signs access tokens once every worker has read it, in 10 minutes.
  // Errors: Unavailable, and InvalidRequest when the newest key does not sign yet
  Task<Result<void>> rotate_keys();

  // Gives the stores another epoch, at the end of an import; workers learn of it when they start.
  // Blocks. Errors: Unavailable
  Result<void> renew_epoch();

  // Whether Redis answers: without it the worker is slower, and ready all the same.
  void check(std::vector<ReadyCheck>& checks) const;

  void show(MetricPage& page) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
