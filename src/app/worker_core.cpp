#include "app/worker_core.h"

#include <utility>

#include "app/chat_chores.h"
#include "app/chat_metrics.h"
#include "app/made_of_settings.h"
#include "app/notifier.h"
#include "app/process_metrics.h"
#include "base/run_loop.h"

namespace tidings {

WorkerCore::WorkerCore(const Settings& settings_in, const Clock& clock,
                       std::unique_ptr<ClusterBackend> backend, AsioLoop& own_loop)
    : settings(settings_in),
      backend_(std::move(backend)),
      chat_(settings, clock, backend_->ports()),
      threads_(thread_count(settings)),
      own_loop_(own_loop) {
  add_chat_chores(chores_, chat_);
  backend_->add_chores(chores_);
}

void WorkerCore::start() { tasks_.spawn(run_on(&own_loop_, chores_.run(tasks_.stop_token()))); }

std::vector<ReadyCheck> WorkerCore::check_ready() const {
  auto checks = check_chat(chat_);
  backend_->check(checks);
  return checks;
}

Task<void> WorkerCore::show(MetricPage& page) {
  auto showing = show_chat(page, chat_);
  co_await std::move(showing);
  backend_->show(page);
  show_process(page);
}

void WorkerCore::stop_tasks() {
  tasks_.request_stop();
  block_on(tasks_.join());
}

void WorkerCore::stop() {
  block_on(chat_.stop());
  threads_.stop();
}

}  // namespace tidings
