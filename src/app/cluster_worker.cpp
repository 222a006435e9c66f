#include "app/cluster_worker.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "app/cluster_backend.h"
#include "app/cluster_role.h"
#include "app/health_handler.h"
#include "app/made_of_settings.h"
#include "base/log.h"
#include "net/http_server.h"
#include "net/loop_threads.h"

namespace tidings {
namespace {

constexpr milliseconds kTryEvery{500};
constexpr milliseconds kComplainEvery = seconds(5);
constexpr milliseconds kHealthDrain = seconds(1);

}  // namespace

struct ClusterWorker::Impl {
  Impl(ServerRole role, const Settings& settings, const Clock& clock, PortsHook hook);

  void begin(const std::stop_token& stop);
  std::unique_ptr<ClusterBackend> connect(const std::stop_token& stop);
  void wait_for(const BackendTrouble& trouble);
  void fail_for_ever(Error error);
  std::vector<ReadyCheck> check_ready() const;
  Task<void> show_metrics(MetricPage& page);

  const ServerRole role;
  const Settings settings;
  const Clock& clock;
  const PortsHook hook;
  // The admin listener and the chores, so that they answer however busy the others are.
  LoopThreads own_thread{1};
  HealthHandler health;
  HttpServer health_server;

  std::unique_ptr<ClusterRole> made;           // by the thread that begins
  std::atomic<ClusterRole*> serving{nullptr};  // the same, once it serves
  std::atomic<bool> stopping{false};

  mutable std::mutex mutex;  // guards what follows
  BackendTrouble missing{"cassandra", "it was not asked yet", false};
  Instant complained_at{};
  std::optional<Error> failure;

  std::jthread beginning;  // last: it uses the rest
};

namespace {

void sleep_unless(const std::stop_token& stop, milliseconds time) {
  const Instant until = std::chrono::steady_clock::now() + time;
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(milliseconds(20));
}

}  // namespace

ClusterWorker::Impl::Impl(ServerRole role_in, const Settings& settings_in, const Clock& clock_in,
                          PortsHook hook_in)
    : role(role_in),
      settings(settings_in),
      clock(clock_in),
      hook(std::move(hook_in)),
      health({[this] { return check_ready(); },
              [this](MetricPage& page) { return show_metrics(page); }}),
      health_server(own_thread.loops(), health, admin_listener(settings)) {}

// Waits for the backends, then serves.
void ClusterWorker::Impl::begin(const std::stop_token& stop) {
  auto backend = connect(stop);
  if (!backend) return;
  AsioLoop& own_loop = *own_thread.loops().front();
  auto role_made = role == ServerRole::Api
                       ? make_api_role(settings, clock, std::move(backend), own_loop)
                       : make_notify_role(settings, clock, std::move(backend), own_loop);
  if (!role_made) return fail_for_ever(std::move(role_made).error());
  made = std::move(*role_made);
  if (auto listening = made->listen(); !listening)
    return fail_for_ever(std::move(listening).error());
  serving = made.get();
  log_info("worker.serves", {{"role", name_of(role)}, {"listen", settings.listen}});
}

std::unique_ptr<ClusterBackend> ClusterWorker::Impl::connect(const std::stop_token& stop) {
  auto backend = std::make_unique<ClusterBackend>(settings, clock, hook);
  while (!stop.stop_requested()) {
    auto trouble = backend->connect();
    if (!trouble) return backend;
    if (trouble->is_final) {
      fail_for_ever({ErrorCode::InvalidRequest, trouble->which + ": " + trouble->reason, {}, {}});
      return nullptr;
    }
    wait_for(*trouble);
    sleep_unless(stop, kTryEvery);
  }
  return nullptr;
}

void ClusterWorker::Impl::wait_for(const BackendTrouble& trouble) {
  const std::scoped_lock lock(mutex);
  const bool is_new = trouble.which != missing.which || trouble.reason != missing.reason;
  const Instant now = clock.monotonic();
  missing = trouble;
  if (!is_new && now - complained_at < kComplainEvery) return;
  complained_at = now;
  log_warn("worker.waits", {{"for", trouble.which}, {"reason", trouble.reason}});
}

void ClusterWorker::Impl::fail_for_ever(Error error) {
  const std::scoped_lock lock(mutex);
  failure = std::move(error);
}

std::vector<ReadyCheck> ClusterWorker::Impl::check_ready() const {
  if (stopping) return {{"running", "the worker stops", Without::Leaving}};
  if (const ClusterRole* const role_now = serving.load()) return role_now->check_ready();
  const std::scoped_lock lock(mutex);
  return {{missing.which, missing.reason}};
}

Task<void> ClusterWorker::Impl::show_metrics(MetricPage& page) {
  show_ready(page, check_ready());
  ClusterRole* const role_now = serving.load();
  if (role_now == nullptr) co_return;
  auto showing = role_now->show(page);
  co_await std::move(showing);
}

ClusterWorker::ClusterWorker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ClusterWorker::~ClusterWorker() { stop(milliseconds(0), milliseconds(0)); }

Result<std::unique_ptr<ClusterWorker>> ClusterWorker::start(ServerRole role,
                                                            const Settings& settings,
                                                            const Clock& clock, PortsHook hook) {
  std::unique_ptr<ClusterWorker> worker(
      new ClusterWorker(std::make_unique<Impl>(role, settings, clock, std::move(hook))));
  Impl& impl = *worker->impl_;
  if (auto started = impl.health_server.start(); !started) return forward(std::move(started));
  impl.beginning = std::jthread([&impl](const std::stop_token& stop) { impl.begin(stop); });
  return worker;
}

Address ClusterWorker::admin_address() const {
  return {parse_address(impl_->settings.admin_listen)->host, impl_->health_server.port()};
}

Result<void> ClusterWorker::renew_certificate() {
  ClusterRole* const role_now = impl_->serving.load();
  return role_now == nullptr ? Result<void>() : role_now->renew_certificate();
}

std::optional<Error> ClusterWorker::failure() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->failure;
}

void ClusterWorker::stop(milliseconds wait, milliseconds time) {
  if (!impl_) return;
  Impl& impl = *impl_;
  impl.stopping = true;
  impl.beginning.request_stop();
  if (impl.beginning.joinable()) impl.beginning.join();
  if (impl.serving != nullptr) std::this_thread::sleep_for(wait);
  impl.serving = nullptr;
  if (impl.made) impl.made->stop(time);
  // Only now: whoever asks meanwhile is told that it stops. Who asked before may still be looking
  // at the role.
  impl.health_server.drain(kHealthDrain);
  impl.made.reset();
  impl.own_thread.stop();
  impl_.reset();
}

}  // namespace tidings
