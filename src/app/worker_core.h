#pragma once

#include <memory>
#include <vector>

#include "app/chat.h"
#include "app/chores.h"
#include "app/cluster_backend.h"
#include "app/health_handler.h"
#include "app/metric_page.h"
#include "base/task_group.h"
#include "net/loop_threads.h"

namespace tidings {

// What both kinds of worker consist of: the chat over the cluster's backend, threads, chores.
class WorkerCore {
 public:
  // Everything outlives it. The chores, which the caller may add to until `start`, run on
  // `own_loop`.
  WorkerCore(const Settings& settings, const Clock& clock, std::unique_ptr<ClusterBackend> backend,
             AsioLoop& own_loop);

  void start();

  std::vector<ReadyCheck> check_ready() const;
  Task<void> show(MetricPage& page);

  // Ends the chores and every task; then nothing of them calls anybody.
  void stop_tasks();
  // Ends the chat and the threads. Afterwards nothing runs.
  void stop();

  ClusterBackend& backend() { return *backend_; }

  const Settings& settings;
  Chat& chat() { return chat_; }
  LoopThreads& threads() { return threads_; }
  Chores& chores() { return chores_; }
  TaskGroup& tasks() { return tasks_; }

 private:
  std::unique_ptr<ClusterBackend> backend_;
  Chat chat_;
  LoopThreads threads_;
  Chores chores_;
  TaskGroup tasks_{"app.worker"};
  AsioLoop& own_loop_;
};

}  // namespace tidings
