#include <optional>
#include <utility>

#include "app/api_core_of.h"
#include "app/chat_chores.h"
#include "app/client_listener.h"
#include "app/cluster_role.h"
#include "app/made_of_settings.h"
#include "app/process_figures.h"
#include "app/worker_core.h"
#include "base/log.h"
#include "roles/api/api_handler.h"
#include "roles/web/web_handler.h"

namespace tidings {
namespace {

// The load balancer limits addresses: a limit here would count each a second time.
constexpr Rate kNoLimit{};
// When gateways have registered their connections anew, so that who is told can be found.
constexpr milliseconds kMarkAgainAfter = seconds(15);
// How soon a job that a worker left when it died is taken up by another.
constexpr milliseconds kLookForJobsEvery = std::chrono::minutes(10);

// `tidings api`.
class ApiRole final : public ClusterRole {
 public:
  ApiRole(const Settings& settings, const Clock& clock, std::unique_ptr<ClusterBackend> backend,
          AsioLoop& own_loop, std::optional<WebFiles> files)
      : clock_(clock),
        core_(settings, clock, std::move(backend), own_loop),
        api_(api_core_of(core_.chat(), [this] { return read_figures(); })),
        web_(files ? std::optional<WebHandler>(std::in_place, std::move(*files), api_)
                   : std::nullopt),
        clients_(settings, kNoLimit, clock, web_ ? static_cast<HttpHandler&>(*web_) : api_,
                 nullptr),
        figures_(ServerRole::Api, core_.chat(), clients_) {
    add_request_chores(core_.chores(), core_.chat());
    core_.chores().add("marks", seconds(1), [this] { return heal_marks(); });
    core_.chores().add("unfinished accounts", kLookForJobsEvery,
                       [this] { return find_unfinished_accounts(); });
  }

  Result<void> listen() override {
    core_.start();
    return clients_.start(core_.threads().loops());
  }

  Result<void> renew_certificate() override { return clients_.renew_certificate(); }

  std::vector<ReadyCheck> check_ready() const override { return core_.check_ready(); }

  Task<void> show(MetricPage& page) override {
    clients_.show(page);
    auto showing = core_.show(page);
    co_await std::move(showing);
  }

  void stop(milliseconds time) override {
    clients_.drain(time);
    core_.stop_tasks();
    core_.stop();
  }

 private:
  // People's sockets are at other workers, and the files of the store at Cassandra.
  Task<ServerFigures> read_figures() {
    auto reading = figures_.read();
    ServerFigures all = co_await std::move(reading);
    const ClusterBackend::StoreCalls calls = core_.backend().store_calls();
    all.commits = calls.answered;
    all.commit_us = calls.took_us;
    co_return all;
  }

  // Where more groups changed than could be remembered, nobody can be named. Gateways let everybody
  // look when Redis answers them again, which is when it answers this worker, too.
  Task<void> heal_marks() {
    Marker& marker = core_.chat().marker;
    if (marker.take_overflow()) log_warn("marker.overflowed");
    const std::uint64_t losses = core_.backend().redis_losses();
    if (losses != losses_seen_) {
      losses_seen_ = losses;
      mark_again_at_ = clock_.monotonic() + kMarkAgainAfter;
    }
    auto healing = marker.heal();
    co_await std::move(healing);
    if (!mark_again_at_ || clock_.monotonic() < *mark_again_at_) co_return;
    mark_again_at_.reset();
    auto marking = marker.queue_was_lost();
    co_await std::move(marking);
  }

  Task<void> find_unfinished_accounts() {
    auto finding = core_.chat().end_account.find_unfinished();
    const auto found = co_await std::move(finding);
    if (!found) log_warn("api.unfinished_accounts_unknown", {{"reason", found.error().detail}});
  }

  const Clock& clock_;
  WorkerCore core_;
  ApiHandler api_;
  std::optional<WebHandler> web_;
  ClientListener clients_;
  ProcessFigures figures_;
  // On the chores' loop.
  std::uint64_t losses_seen_ = 0;
  std::optional<Instant> mark_again_at_;
};

}  // namespace

Result<std::unique_ptr<ClusterRole>> make_api_role(const Settings& settings, const Clock& clock,
                                                   std::unique_ptr<ClusterBackend> backend,
                                                   AsioLoop& own_loop) {
  auto files = load_web(settings);
  if (!files) return forward(std::move(files));
  return std::make_unique<ApiRole>(settings, clock, std::move(backend), own_loop,
                                   std::move(*files));
}

}  // namespace tidings
