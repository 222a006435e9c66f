#include "app/server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "app/admin_handler.h"
#include "app/admin_socket.h"
#include "app/backend.h"
#include "app/chores.h"
#include "app/demo.h"
#include "app/front_door.h"
#include "app/process_metrics.h"
#include "app/version.h"
#include "base/log.h"
#include "base/random.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "core/gateway.h"
#include "core/heal_marks.h"
#include "core/local_gateways.h"
#include "core/notification_worker.h"
#include "net/http_server.h"
#include "net/loop_threads.h"
#include "roles/api/api_handler.h"
#include "roles/notify/notification_handler.h"
#include "roles/web/web_handler.h"

namespace tidings {
namespace {

constexpr const char* kSocketPath = "/v1/notifications";
constexpr const char* kSocketProtocol = "tidings.v1";
constexpr milliseconds kAdminDrain{1'000};

std::size_t thread_count(const Settings& settings) {
  if (settings.threads > 0) return settings.threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

// A new life of the gateway each time, so that entries of an earlier one mean nobody.
GatewayId new_gateway_id() {
  const std::string bytes = random_bytes(8);
  std::uint64_t incarnation = 0;
  for (const char byte : bytes) incarnation = incarnation << 8 | static_cast<std::uint8_t>(byte);
  return {"local", incarnation};
}

std::vector<Loop*> as_loops(const std::vector<AsioLoop*>& loops) {
  return {loops.begin(), loops.end()};
}

Task<void> run_on(Loop* loop, Task<void> task) {
  co_await resume_on(*loop);
  co_await std::move(task);
}

HttpServer::Config config_of(const Address& address) {
  HttpServer::Config config;
  config.address = address.host;
  config.port = address.port;
  return config;
}

// A histogram whose buckets end at powers of two, in units of `scale`.
void show_powers(MetricPage& page, std::string_view name, std::string_view help,
                 const rocks::Histogram::Snapshot& values, double scale) {
  std::array<double, rocks::Histogram::kBuckets - 1> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = static_cast<double>(std::uint64_t{1} << i) * scale;
  }
  page.histogram(name, help, bounds, values.buckets, static_cast<double>(values.sum) * scale);
}

double number(std::uint64_t value) { return static_cast<double>(value); }

}  // namespace

struct Server::Impl {
  Impl(const Settings& settings, const Clock& clock, std::unique_ptr<Backend> opened,
       std::optional<WebFiles> files);

  Result<void> listen();
  Result<void> start_demo();
  Task<std::vector<ReadyCheck>> check_ready();
  Task<void> show_metrics(MetricPage& page);
  void show_store(MetricPage& page);
  AdminHandler::StatusLines describe();
  void add_chores();
  Task<void> refresh_revocations();
  Task<void> rotate_signing_key();
  Task<void> forget_ended_sessions();
  Task<void> erase_accounts();

  const Settings settings;
  const Clock& clock;
  std::unique_ptr<Backend> backend;
  // The admin listener and the chores have a thread of their own, so that they answer however busy
  // the others are.
  LoopThreads api_threads;
  LoopThreads own_thread{1};

  Gateway gateway;
  LocalGateways gateways;
  std::vector<std::unique_ptr<NotificationWorker>> workers;
  std::optional<Demo> demo;
  Chores chores;
  TaskGroup tasks{"app.server"};

  IpLimit ip_limit;
  RequestLog request_log;
  ApiHandler api;
  std::optional<WebHandler> web;
  FrontDoor front_door;
  NotificationHandler notifications;
  SocketDoor socket_door;
  HealthHandler health;
  AdminHandler admin;

  std::optional<HttpServer> api_server;
  std::optional<HttpServer> health_server;
  std::optional<AdminSocket> admin_socket;
  std::atomic<bool> stopping{false};
  const Instant started_at = clock.monotonic();
};

Server::Impl::Impl(const Settings& settings, const Clock& clock, std::unique_ptr<Backend> opened,
                   std::optional<WebFiles> files)
    : settings(settings),
      clock(clock),
      backend(std::move(opened)),
      api_threads(thread_count(settings)),
      gateway(new_gateway_id(), as_loops(api_threads.loops()), backend->presence, clock),
      gateways(gateway),
      ip_limit(settings.per_ip_rate, clock),
      request_log(milliseconds(settings.slow_request_ms)),
      api(ApiCore{backend->sessions, backend->accounts, backend->profiles, backend->blocks,
                  backend->end_account, backend->groups, backend->members, backend->send_message,
                  backend->sync, backend->history, backend->digest_check, backend->read_marks,
                  backend->status_feed, backend->throttle, clock}),
      web(files ? std::optional<WebHandler>(std::in_place, std::move(*files), api) : std::nullopt),
      front_door(web ? static_cast<HttpHandler&>(*web) : api, ip_limit, request_log, clock),
      notifications([this](std::string token) { return backend->sessions.authenticate(token); },
                    gateway, clock, NotificationHandler::Config{settings.allowed_origins}),
      socket_door(notifications, api, ip_limit, request_log, clock),
      health({[this] { return check_ready(); },
              [this](MetricPage& page) { return show_metrics(page); }}),
      admin(*backend, [this] { return describe(); }) {
  backend->sessions.on_ended([this](Uuid ended) { gateway.session_ended(ended); });
  add_chores();
  for (AsioLoop* const loop : api_threads.loops()) {
    workers.push_back(std::make_unique<NotificationWorker>(backend->ports.queue, backend->directory,
                                                           backend->presence, gateways, clock));
    tasks.spawn(run_on(loop, workers.back()->run()));
    tasks.spawn(run_on(loop, gateway.run()));
  }
  tasks.spawn(run_on(own_thread.loops().front(), chores.run(tasks.stop_token())));
}

void Server::Impl::add_chores() {
  chores.add("clock", seconds(1), [this] { return backend->clock_guard.check(); });
  chores.add("marks", seconds(1), [this] { return heal_marks(backend->marker, gateway); });
  chores.add("presence", seconds(3), [this] { return gateway.beat(); });
  chores.add("revocations", seconds(2), [this] { return refresh_revocations(); });
  chores.add("signing keys", std::chrono::hours(1), [this] { return rotate_signing_key(); });
  chores.add("ended sessions", seconds(60), [this] { return forget_ended_sessions(); });
  chores.add("erasures", seconds(1), [this] { return erase_accounts(); });
}

Task<void> Server::Impl::refresh_revocations() {
  auto refreshing = backend->sessions.refresh_revocations();
  const auto refreshed = co_await std::move(refreshing);
  if (!refreshed) log_warn("serve.revocations_unknown", {{"reason", refreshed.error().detail}});
}

Task<void> Server::Impl::rotate_signing_key() {
  const auto rotated = backend->access_keys->rotate_if_due();
  if (!rotated) log_warn("serve.signing_key_kept", {{"reason", rotated.error().detail}});
  co_return;
}

Task<void> Server::Impl::forget_ended_sessions() {
  auto forgetting = backend->sessions.forget_ended();
  const auto forgotten = co_await std::move(forgetting);
  if (!forgotten) log_warn("serve.sessions_kept", {{"reason", forgotten.error().detail}});
}

Task<void> Server::Impl::erase_accounts() {
  auto erasing = backend->end_account.run_due();
  const std::size_t erased = co_await std::move(erasing);
  if (erased > 0) log_info("serve.accounts_erased", {{"accounts", erased}});
}

Result<void> Server::Impl::start_demo() {
  demo.emplace(*backend, gateway);
  if (auto prepared = block_on(demo->prepare()); !prepared) return prepared;
  backend->accounts.on_signed_up([this](User newcomer) { return demo->welcome(newcomer); });
  tasks.spawn(run_on(api_threads.loops().front(), demo->run()));
  return {};
}

Result<void> Server::Impl::listen() {
  // parse_address has accepted both: they are settings.
  HttpServer::Config api_config = config_of(*parse_address(settings.listen));
  api_config.limits.connections_max = settings.connections_max;
  if (!settings.tls_cert.empty())
    api_config.tls = HttpServer::Tls{settings.tls_cert, settings.tls_key};
  api_config.web_socket = HttpServer::WebSocketRoute{kSocketPath, kSocketProtocol, &socket_door};
  api_server.emplace(api_threads.loops(), front_door, std::move(api_config));
  health_server.emplace(own_thread.loops(), health,
                        config_of(*parse_address(settings.admin_listen)));
  admin_socket.emplace(settings.data, admin);
  if (auto started = admin_socket->start(); !started) return started;
  if (auto started = api_server->start(); !started) return started;
  // Last, so that whoever hears that it is ready finds the API.
  return health_server->start();
}

Task<std::vector<ReadyCheck>> Server::Impl::check_ready() {
  std::vector<ReadyCheck> checks;
  const auto healthy = backend->store->healthy();
  checks.push_back({"disk", healthy ? "" : healthy.error().detail});
  auto finding = backend->store->users().find(UserId{});
  const auto found = co_await std::move(finding);
  checks.push_back({"store", found ? "" : "it does not answer"});
  checks.push_back({"clock", backend->clock_guard.in() ? "" : "it was stepped; wait 10 s"});
  checks.push_back({"revocations", backend->sessions.knows_revocations()
                                       ? ""
                                       : "they could not be read for 30 s"});
  checks.push_back({"running", stopping ? "the server stops" : ""});
  co_return checks;
}

Task<void> Server::Impl::show_metrics(MetricPage& page) {
  auto checking = check_ready();
  const auto checks = co_await std::move(checking);
  for (const ReadyCheck& check : checks) {
    page.gauge("tidings_ready", "1 for each thing that must hold and does.",
               check.problem.empty() ? 1 : 0, {{"check", check.name}});
  }
  request_log.show(page);
  page.counter("tidings_ip_limited_total", "Requests that the limit of an address refused.",
               number(ip_limit.refused()));
  page.gauge("tidings_connections", "Open connections to the API, WebSockets included.",
             number(api_server->open_connections()));
  page.counter("tidings_connections_total", "Connections that were accepted.",
               number(api_server->accepted_connections()));
  page.counter("tidings_http_refused_total", "Requests that were not HTTP, too large or too slow.",
               number(api_server->refusals()));

  const Gateway::Stats told = gateway.stats();
  page.gauge("tidings_sockets", "WebSockets that were greeted.", number(told.connections));
  page.counter("tidings_changed_sent_total", "Frames that named changed groups.",
               number(told.changed_sent));
  page.counter("tidings_rechecks_sent_total", "Frames that asked for a look at the status.",
               number(told.rechecks_sent));
  page.counter("tidings_acks_missed_total", "Frames that were not acknowledged in 2 s.",
               number(told.acks_missed));

  NotificationWorker::Stats work;
  for (const auto& worker : workers) {
    const NotificationWorker::Stats one = worker->stats();
    work.claimed += one.claimed;
    work.users_told += one.users_told;
    work.failed += one.failed;
    work.given_up += one.given_up;
  }
  page.counter("tidings_groups_claimed_total", "Changed groups whose members were looked up.",
               number(work.claimed));
  page.counter("tidings_users_told_total", "Users of whom a gateway was told.",
               number(work.users_told));
  page.counter("tidings_claims_failed_total", "Claims that were left to their lease.",
               number(work.failed));
  page.counter("tidings_claims_given_up_total", "Groups that were given up after three leases.",
               number(work.given_up));

  auto measuring = backend->ports.queue.depth();
  if (const auto depth = co_await std::move(measuring)) {
    page.gauge("tidings_queue_depth", "Changed groups in the queue.", number(depth->waiting),
               {{"state", "waiting"}});
    page.gauge("tidings_queue_depth", "Changed groups in the queue.", number(depth->leased),
               {{"state", "leased"}});
  }
  page.gauge("tidings_marks_failed", "Changed groups that wait to be marked again.",
             number(backend->marker.stats().failed));
  page.gauge("tidings_erasures_waiting", "Ended accounts whose messages are not erased yet.",
             number(backend->end_account.waiting()));

  const Directory::Stats cache = backend->directory.stats();
  page.counter("tidings_directory_reads_total", "Looks at groups, members and users.",
               number(cache.hits), {{"from", "memory"}});
  page.counter("tidings_directory_reads_total", "Looks at groups, members and users.",
               number(cache.misses), {{"from", "store"}});
  page.gauge("tidings_directory_entries", "Groups, members and users that are remembered.",
             number(cache.entries));
  page.gauge("tidings_throttle_buckets", "Token buckets that are not full.",
             number(backend->throttle.stats().buckets));
  page.gauge("tidings_throttle_replays", "Ids of sends that are remembered for 60 s.",
             number(backend->throttle.stats().replays));
  show_store(page);
  show_process(page);
}

void Server::Impl::show_store(MetricPage& page) {
  const StoreStatistics store = backend->store->statistics();
  show_powers(page, "tidings_commit_writes", "Writes that were committed together.",
              store.commit_sizes, 1);
  show_powers(page, "tidings_commit_seconds", "Writing and syncing one commit.", store.commit_us,
              1e-6);
  page.gauge("tidings_store_write_queue_depth", "Writes that wait for the next commit.",
             number(store.write_queue_depth));
  page.gauge("tidings_store_write_queue_bytes", "Memory of those writes.",
             number(store.write_queue_bytes));
  page.counter("tidings_store_writes_refused_total",
               "Writes that were refused for want of room, space or health.",
               number(store.writes_refused));
  page.counter("tidings_store_reads_total", "Reads of the store.", number(store.reads_from_memory),
               {{"from", "memory"}});
  page.counter("tidings_store_reads_total", "Reads of the store.", number(store.reads_from_disk),
               {{"from", "disk"}});
  page.counter("tidings_store_reads_refused_total", "Reads that found too many others waiting.",
               number(store.reads_refused));
  page.gauge("tidings_store_read_queue_depth", "Reads that wait for the disk.",
             number(store.read_queue_depth));
  page.gauge("tidings_store_cache_bytes", "Memory of the cache, write buffers included.",
             number(store.cache_bytes));
  page.gauge("tidings_store_write_buffer_bytes", "Memory of the write buffers.",
             number(store.write_buffer_bytes));
  page.gauge("tidings_store_index_bytes", "Memory of open table files outside the cache.",
             number(store.table_reader_bytes));
  page.gauge("tidings_store_disk_bytes", "Table and blob files on the disk.",
             number(store.disk_bytes));
  page.gauge("tidings_store_compaction_pending_bytes", "What compactions have yet to rewrite.",
             number(store.pending_compaction_bytes));
  page.gauge("tidings_store_delayed_write_bytes_per_second",
             "How fast the store lets itself be written to while it falls behind; 0: as it likes.",
             number(store.delayed_write_bytes_per_second));
  page.gauge("tidings_store_writes_stopped", "1 while the store takes no writes.",
             store.writes_stopped ? 1 : 0);
  page.gauge("tidings_store_messages", "About how many messages there are.",
             number(store.messages_estimate));
}

AdminHandler::StatusLines Server::Impl::describe() {
  const auto healthy = backend->store->healthy();
  const StoreStatistics store = backend->store->statistics();
  const auto up = std::chrono::duration_cast<seconds>(clock.monotonic() - started_at);
  return {
      {"server", "running"},
      {"version", kVersion},
      {"up", std::to_string(up.count()) + " s"},
      {"API", format_address({parse_address(settings.listen)->host, api_server->port()})},
      {"health and metrics",
       format_address({parse_address(settings.admin_listen)->host, health_server->port()})},
      {"data", std::filesystem::absolute(settings.data).string()},
      {"durability", settings.durability},
      {"store", healthy ? "takes writes" : healthy.error().detail},
      {"clock", backend->clock_guard.in() ? "runs evenly" : "was stepped"},
      {"messages", "about " + std::to_string(store.messages_estimate)},
      {"on the disk", std::to_string(store.disk_bytes / 1'048'576) + " MiB"},
      {"connections", std::to_string(api_server->open_connections())},
      {"sockets", std::to_string(gateway.stats().connections)},
      {"accounts to erase", std::to_string(backend->end_account.waiting())},
  };
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(milliseconds(0)); }

Result<std::unique_ptr<Server>> Server::start(const Settings& settings, const Clock& clock,
                                              const PortsHook& hook) {
  std::optional<WebFiles> files;
  if (!settings.web.empty()) {
    auto loaded = WebFiles::load(settings.web);
    if (!loaded) return forward(std::move(loaded));
    files = std::move(*loaded);
  }
  auto backend = Backend::open(settings, clock, hook);
  if (!backend) return forward(std::move(backend));
  std::unique_ptr<Server> server(
      new Server(std::make_unique<Impl>(settings, clock, std::move(*backend), std::move(files))));
  Impl& impl = *server->impl_;
  if (auto found = block_on(impl.backend->end_account.find_unfinished()); !found)
    return forward(std::move(found));
  if (settings.demo == "on") {
    if (auto started = impl.start_demo(); !started) return forward(std::move(started));
  }
  if (auto listening = impl.listen(); !listening) return forward(std::move(listening));
  return server;
}

Address Server::api_address() const {
  return {parse_address(impl_->settings.listen)->host, impl_->api_server->port()};
}

Address Server::admin_address() const {
  return {parse_address(impl_->settings.admin_listen)->host, impl_->health_server->port()};
}

bool Server::is_empty() {
  const auto first = block_on(impl_->backend->store->users().list("", 1));
  return first && first->empty();
}

void Server::stop(milliseconds time) {
  if (!impl_ || impl_->stopping.exchange(true)) return;
  Impl& impl = *impl_;
  // From the outside in: nobody calls a thing that has been stopped.
  if (impl.api_server) impl.api_server->drain(time);
  if (impl.admin_socket) impl.admin_socket->stop();
  if (impl.health_server) impl.health_server->drain(kAdminDrain);
  impl.tasks.request_stop();
  if (impl.demo) impl.demo->request_stop();
  for (const auto& worker : impl.workers) worker->request_stop();
  impl.gateway.request_stop();
  block_on(impl.tasks.join());
  block_on(impl.gateway.stop());
  block_on(impl.backend->stop());
  impl.api_threads.stop();
  impl.own_thread.stop();
  impl_.reset();
}

}  // namespace tidings
