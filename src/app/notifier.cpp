#include "app/notifier.h"

#include <utility>

#include "base/random.h"

namespace tidings {
namespace {

GatewayId new_gateway_id(std::string address) {
  const std::string bytes = random_bytes(8);
  std::uint64_t incarnation = 0;
  for (const char byte : bytes) incarnation = incarnation << 8 | static_cast<std::uint8_t>(byte);
  return {std::move(address), incarnation};
}

std::vector<Loop*> as_loops(const std::vector<AsioLoop*>& loops) {
  return {loops.begin(), loops.end()};
}

double number(std::uint64_t value) { return static_cast<double>(value); }

}  // namespace

Task<void> run_on(Loop* loop, Task<void> task) {
  co_await resume_on(*loop);
  co_await std::move(task);
}

Notifier::Notifier(Chat& chat, std::string address, const std::vector<AsioLoop*>& loops,
                   const MakeGateways& make_gateways, std::vector<std::string> allowed_origins)
    : loops_(loops),
      gateway_(new_gateway_id(std::move(address)), as_loops(loops), chat.ports.presence,
               chat.clock),
      handler_([&chat](std::string token) { return chat.sessions.authenticate(std::move(token)); },
               gateway_, chat.clock,
               NotificationHandler::Config{.allowed_origins = std::move(allowed_origins)}) {
  for (AsioLoop* const loop : loops_) {
    gateways_.push_back(make_gateways(gateway_, *loop));
    workers_.push_back(std::make_unique<NotificationWorker>(
        chat.ports.queue, chat.directory, chat.ports.presence, *gateways_.back(), chat.clock));
  }
  chat.sessions.on_ended([this](Uuid ended) { gateway_.session_ended(ended); });
}

void Notifier::start(TaskGroup& tasks) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    tasks.spawn(run_on(loops_[i], workers_[i]->run()));
    tasks.spawn(run_on(loops_[i], gateway_.run()));
  }
}

void Notifier::request_stop() {
  for (const auto& worker : workers_) worker->request_stop();
  gateway_.request_stop();
}

Task<void> Notifier::stop() { return gateway_.stop(); }

void Notifier::show(MetricPage& page) const {
  const Gateway::Stats told = gateway_.stats();
  page.gauge("tidings_sockets", "WebSockets that were greeted.", number(told.connections));
  page.counter("tidings_changed_sent_total", "Frames that named changed groups.",
               number(told.changed_sent));
  page.counter("tidings_rechecks_sent_total", "Frames that asked for a look at the status.",
               number(told.rechecks_sent));
  page.counter("tidings_acks_missed_total", "Frames that were not acknowledged in 2 s.",
               number(told.acks_missed));

  NotificationWorker::Stats work;
  for (const auto& worker : workers_) {
    const NotificationWorker::Stats one = worker->stats();
    work.claimed += one.claimed;
    work.calls += one.calls;
    work.users_told += one.users_told;
    work.failed += one.failed;
    work.given_up += one.given_up;
  }
  page.counter("tidings_groups_claimed_total", "Changed groups whose members were looked up.",
               number(work.claimed));
  page.counter("tidings_gateway_calls_total", "Tellings of one group that a gateway answered.",
               number(work.calls));
  page.counter("tidings_users_told_total", "Users of whom a gateway was told.",
               number(work.users_told));
  page.counter("tidings_claims_failed_total", "Claims that were left to their lease.",
               number(work.failed));
  page.counter("tidings_claims_given_up_total", "Groups that were given up after three leases.",
               number(work.given_up));
}

}  // namespace tidings
