#include <optional>
#include <utility>
#include <vector>

#include "app/client_listener.h"
#include "app/cluster_role.h"
#include "app/made_of_settings.h"
#include "app/notifier.h"
#include "app/worker_core.h"
#include "base/run_loop.h"
#include "roles/notify/gateway_handler.h"
#include "roles/notify/remote_gateways.h"
#include "roles/notify/socket_only_handler.h"

namespace tidings {
namespace {

constexpr Rate kNoLimit{};
constexpr milliseconds kBeatEvery = seconds(3);
constexpr milliseconds kLookForLossEvery = seconds(1);
// What presence keeps lapses after a week without a registration.
constexpr milliseconds kRegisterAgainEvery = std::chrono::hours(24);

std::string internal_address(const Settings& settings) {
  return settings.internal_address.empty() ? settings.internal_listen : settings.internal_address;
}

// `tidings notify`.
class NotifyRole final : public ClusterRole {
 public:
  NotifyRole(const Settings& settings, const Clock& clock, std::unique_ptr<ClusterBackend> backend,
             AsioLoop& own_loop)
      : clock_(clock),
        core_(settings, clock, std::move(backend), own_loop),
        notifier_(
            core_.chat(), internal_address(settings), core_.threads().loops(),
            [this, &settings](Gateway& own, AsioLoop& loop) {
              auto made = std::make_unique<RemoteGateways>(loop, own, settings.internal_secret);
              remote_.push_back(made.get());
              return made;
            },
            settings.allowed_origins),
        elsewhere_(clock),
        clients_(settings, kNoLimit, clock, elsewhere_, &notifier_.sockets()),
        told_(notifier_.gateway(), settings.internal_secret, clock),
        internal_server_(core_.threads().loops(), told_, listener_at(settings.internal_listen)),
        register_again_at_(clock.monotonic() + kRegisterAgainEvery) {
    core_.chores().add("presence", kBeatEvery, [this] { return notifier_.gateway().beat(); });
    core_.chores().add("registrations", kLookForLossEvery, [this] { return register_again(); });
  }

  Result<void> listen() override {
    if (auto started = internal_server_.start(); !started) return started;
    // Before the first socket: nobody is told of connections of a gateway that does not live.
    block_on(notifier_.gateway().beat());
    core_.start();
    notifier_.start(core_.tasks());
    return clients_.start(core_.threads().loops());
  }

  Result<void> renew_certificate() override { return clients_.renew_certificate(); }

  std::vector<ReadyCheck> check_ready() const override { return core_.check_ready(); }

  Task<void> show(MetricPage& page) override {
    clients_.show(page);
    notifier_.show(page);
    show_remote(page);
    auto showing = core_.show(page);
    co_await std::move(showing);
  }

  void stop(milliseconds time) override {
    clients_.drain(time);
    notifier_.request_stop();
    core_.stop_tasks();
    // Until here others may have told of sockets that were still open.
    internal_server_.drain(time);
    block_on(notifier_.stop());
    core_.stop();
  }

 private:
  Task<void> register_again() {
    const std::uint64_t losses = core_.backend().redis_losses();
    const bool was_lost = losses != losses_seen_;
    const bool is_due = clock_.monotonic() >= register_again_at_;
    if (!was_lost && !is_due) co_return;
    losses_seen_ = losses;
    register_again_at_ = clock_.monotonic() + kRegisterAgainEvery;
    auto registering = notifier_.gateway().presence_was_lost();
    co_await std::move(registering);
    // Who was looked up until now was not found, and their marks are gone.
    if (was_lost) notifier_.gateway().recheck_all();
  }

  void show_remote(MetricPage& page) const {
    RemoteGateways::Stats all;
    for (const RemoteGateways* const gateways : remote_) {
      const RemoteGateways::Stats one = gateways->stats();
      all.calls += one.calls;
      all.tellings += one.tellings;
      all.failed += one.failed;
    }
    page.counter("tidings_remote_calls_total", "Calls to gateways of other workers.",
                 static_cast<double>(all.calls));
    page.counter("tidings_remote_tellings_total", "Changed groups that went in these calls.",
                 static_cast<double>(all.tellings));
    page.counter("tidings_remote_failed_total", "Those that were not answered.",
                 static_cast<double>(all.failed));
  }

  const Clock& clock_;
  WorkerCore core_;
  std::vector<const RemoteGateways*> remote_;  // one a loop; owned by the notifier
  Notifier notifier_;
  SocketOnlyHandler elsewhere_;
  ClientListener clients_;
  GatewayHandler told_;
  HttpServer internal_server_;
  // On the chores' loop.
  std::uint64_t losses_seen_ = 0;
  Instant register_again_at_;
};

}  // namespace

Result<std::unique_ptr<ClusterRole>> make_notify_role(const Settings& settings, const Clock& clock,
                                                      std::unique_ptr<ClusterBackend> backend,
                                                      AsioLoop& own_loop) {
  return std::make_unique<NotifyRole>(settings, clock, std::move(backend), own_loop);
}

}  // namespace tidings
