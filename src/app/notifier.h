#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/chat.h"
#include "app/metric_page.h"
#include "base/task_group.h"
#include "core/gateway.h"
#include "core/notification_worker.h"
#include "net/asio_loop.h"
#include "roles/notify/notification_handler.h"

namespace tidings {

// Everything by which people are told that something changed: the gateway that holds the sockets of
// this process, and for each loop a worker that claims changed groups and tells the gateways of
// their members.
class Notifier {
 public:
  // How the worker on one loop reaches gateways: its own, and in a cluster others.
  using MakeGateways = std::function<std::unique_ptr<Gateways>(Gateway& own, AsioLoop& loop)>;

  // A new life of the gateway each time, so that entries of an earlier one mean nobody. `address`
  // is where other workers reach it.
  Notifier(Chat& chat, std::string address, const std::vector<AsioLoop*>& loops,
           const MakeGateways& make_gateways, std::vector<std::string> allowed_origins);

  // Begins to work, as tasks of `tasks` on the loops.
  void start(TaskGroup& tasks);
  // The tasks end soon. Safe from any thread.
  void request_stop();
  // After every socket was closed and `tasks` joined. Called once.
  Task<void> stop();

  Gateway& gateway() { return gateway_; }
  WebSocketHandler& sockets() { return handler_; }

  void show(MetricPage& page) const;

 private:
  const std::vector<AsioLoop*> loops_;
  Gateway gateway_;
  std::vector<std::unique_ptr<Gateways>> gateways_;
  std::vector<std::unique_ptr<NotificationWorker>> workers_;
  NotificationHandler handler_;
};

// Awaits `task` on `loop`.
Task<void> run_on(Loop* loop, Task<void> task);

}  // namespace tidings
