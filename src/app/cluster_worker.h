#pragma once

#include <memory>
#include <optional>

#include "app/address.h"
#include "app/backend_ports.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/result.h"

namespace tidings {

// A running `tidings api` or `tidings notify`. Used by one thread, which runs no loop.
class ClusterWorker {
 public:
  // On success /healthz answers, and /readyz says what is missing, if anything is. The worker waits
  // for Cassandra and Redis by itself, says every few seconds in the log for which, and then
  // serves, with what `hook` makes of its ports.
  //
  // Errors: InvalidRequest  a setting can't be used
  //         Unavailable     admin-listen can't be had
  // The detail is for the person who started the program.
  static Result<std::unique_ptr<ClusterWorker>> start(ServerRole role, const Settings& settings,
                                                      const Clock& clock, PortsHook hook = {});
  ~ClusterWorker();  // stops, with no time
  ClusterWorker(const ClusterWorker&) = delete;
  ClusterWorker& operator=(const ClusterWorker&) = delete;

  Address admin_address() const;

  // Reads the certificate of `listen` again, for who connects from now on; a worker that does not
  // serve yet reads it when it does.
  // Errors: InvalidRequest, it can't be used and the one of before stays
  Result<void> renew_certificate();

  // Why it will never serve, if that is so: then it is of no more use, and is to be stopped.
  std::optional<Error> failure() const;

  // Is not ready for `wait`, while it answers as before; then answers what is under way (what takes
  // longer than `time` is cut) and ends. A worker that does not serve yet ends at once. Later calls
  // do nothing.
  void stop(milliseconds wait, milliseconds time);

 private:
  struct Impl;
  explicit ClusterWorker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
