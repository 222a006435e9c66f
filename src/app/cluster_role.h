#pragma once

#include <memory>
#include <vector>

#include "app/cluster_backend.h"
#include "app/health_handler.h"
#include "app/metric_page.h"
#include "base/result.h"
#include "net/asio_loop.h"

namespace tidings {

// What a worker of a cluster does once its backends answer. Begins with `listen`, which is called
// once; `stop` is called once after it, and before it is destroyed.
class ClusterRole {
 public:
  virtual ~ClusterRole() = default;

  // On success clients are answered. Errors: InvalidRequest, Unavailable: an address can't be had
  virtual Result<void> listen() = 0;

  // After `listen`, by any thread: reads the certificate again, for who connects from now on.
  // Errors: InvalidRequest, it can't be used and the one of before stays
  virtual Result<void> renew_certificate() = 0;

  virtual std::vector<ReadyCheck> check_ready() const = 0;
  virtual Task<void> show(MetricPage& page) = 0;

  // Takes nothing new, says goodbye to sockets, answers what is under way (what takes longer than
  // `time` is cut) and ends everything. Blocks.
  virtual void stop(milliseconds time) = 0;
};

// `own_loop` is for chores; it and the rest outlive the role.
// Errors: InvalidRequest, a setting can't be used
Result<std::unique_ptr<ClusterRole>> make_api_role(const Settings& settings, const Clock& clock,
                                                   std::unique_ptr<ClusterBackend> backend,
                                                   AsioLoop& own_loop);
Result<std::unique_ptr<ClusterRole>> make_notify_role(const Settings& settings, const Clock& clock,
                                                      std::unique_ptr<ClusterBackend> backend,
                                                      AsioLoop& own_loop);

}  // namespace tidings
