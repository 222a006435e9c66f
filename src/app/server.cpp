#include "app/server.h"

#include <atomic>
#include <filesystem>
#include <optional>
#include <utility>

#include "app/admin_handler.h"
#include "app/admin_socket.h"
#include "app/api_core_of.h"
#include "app/chat.h"
#include "app/chat_chores.h"
#include "app/chat_metrics.h"
#include "app/chores.h"
#include "app/client_listener.h"
#include "app/demo.h"
#include "app/embedded_backend.h"
#include "app/embedded_metrics.h"
#include "app/made_of_settings.h"
#include "app/notifier.h"
#include "app/process_figures.h"
#include "app/process_metrics.h"
#include "app/version.h"
#include "base/log.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "core/heal_marks.h"
#include "core/local_gateways.h"
#include "net/http_server.h"
#include "net/loop_threads.h"
#include "roles/api/api_handler.h"
#include "roles/web/web_handler.h"

namespace tidings {
namespace {

constexpr milliseconds kAdminDrain{1'000};
// There is one gateway, so nobody reads its address.
constexpr const char* kOwnGateway = "local";

std::unique_ptr<Gateways> local_gateways(Gateway& own, AsioLoop&) {
  return std::make_unique<LocalGateways>(own);
}

BackendPorts under_core(BackendPorts own, const PortsHook& hook) { return hook ? hook(own) : own; }

}  // namespace

struct Server::Impl {
  Impl(const Settings& settings, const Clock& clock, std::unique_ptr<EmbeddedBackend> opened,
       const PortsHook& hook, std::optional<WebFiles> files);

  Result<void> listen();
  Result<void> start_demo();
  std::vector<ReadyCheck> check_ready() const;
  Task<void> show_metrics(MetricPage& page);
  Task<ServerFigures> read_figures();
  AdminHandler::Status describe();
  void add_chores();
  Task<void> rotate_signing_key();

  const Settings settings;
  const Clock& clock;
  std::unique_ptr<EmbeddedBackend> backend;
  Chat chat;
  // The admin listener and the chores have a thread of their own, so that they answer however busy
  // the others are.
  LoopThreads api_threads;
  LoopThreads own_thread{1};

  Notifier notifier;
  std::optional<Demo> demo;
  Chores chores;
  TaskGroup tasks{"app.server"};

  ApiHandler api;
  std::optional<WebHandler> web;
  ClientListener clients;
  ProcessFigures figures;
  HealthHandler health;
  AdminHandler admin;

  std::optional<HttpServer> health_server;
  std::optional<AdminSocket> admin_socket;
  std::atomic<bool> stopping{false};
  const Instant started_at = clock.monotonic();
};

Server::Impl::Impl(const Settings& settings_in, const Clock& clock_in,
                   std::unique_ptr<EmbeddedBackend> opened, const PortsHook& hook,
                   std::optional<WebFiles> files)
    : settings(settings_in),
      clock(clock_in),
      backend(std::move(opened)),
      chat(settings, clock, under_core(backend->ports(), hook)),
      api_threads(thread_count(settings)),
      notifier(chat, kOwnGateway, api_threads.loops(), local_gateways, settings.allowed_origins),
      api(api_core_of(chat, [this] { return read_figures(); })),
      web(files ? std::optional<WebHandler>(std::in_place, std::move(*files), api) : std::nullopt),
      clients(settings, settings.per_ip_rate, clock, web ? static_cast<HttpHandler&>(*web) : api,
              &notifier.sockets()),
      figures(ServerRole::Serve, chat, clients),
      health({[this] { return check_ready(); },
              [this](MetricPage& page) { return show_metrics(page); }}),
      admin(chat, *backend, [this] { return describe(); }) {
  add_chores();
  notifier.start(tasks);
  tasks.spawn(run_on(own_thread.loops().front(), chores.run(tasks.stop_token())));
}

void Server::Impl::add_chores() {
  add_chat_chores(chores, chat);
  add_request_chores(chores, chat);
  chores.add("marks", seconds(1), [this] { return heal_marks(chat.marker, notifier.gateway()); });
  chores.add("presence", seconds(3), [this] { return notifier.gateway().beat(); });
  chores.add("signing keys", std::chrono::hours(1), [this] { return rotate_signing_key(); });
}

Task<void> Server::Impl::rotate_signing_key() {
  const auto rotated = backend->access_keys().rotate_if_due();
  if (!rotated) log_warn("serve.signing_key_kept", {{"reason", rotated.error().detail}});
  co_return;
}

Result<void> Server::Impl::start_demo() {
  demo.emplace(chat, notifier.gateway());
  if (auto prepared = block_on(demo->prepare()); !prepared) return prepared;
  chat.accounts.on_signed_up([this](User newcomer) { return demo->welcome(newcomer); });
  tasks.spawn(run_on(api_threads.loops().front(), demo->run()));
  return {};
}

Result<void> Server::Impl::listen() {
  health_server.emplace(own_thread.loops(), health, admin_listener(settings));
  admin_socket.emplace(settings.data, admin);
  if (auto started = admin_socket->start(); !started) return started;
  if (auto started = clients.start(api_threads.loops()); !started) return started;
  // Last, so that whoever hears that it is ready finds the API.
  return health_server->start();
}

std::vector<ReadyCheck> Server::Impl::check_ready() const {
  auto checks = check_chat(chat);
  const auto healthy = backend->store().healthy();
  checks.push_back({"disk", healthy ? "" : healthy.error().detail});
  checks.push_back({"running", stopping ? "the server stops" : "", Without::Leaving});
  return checks;
}

Task<void> Server::Impl::show_metrics(MetricPage& page) {
  show_ready(page, check_ready());
  clients.show(page);
  notifier.show(page);
  auto showing = show_chat(page, chat);
  co_await std::move(showing);
  show_backend(page, *backend);
  show_process(page);
}

Task<ServerFigures> Server::Impl::read_figures() {
  auto reading = figures.read();
  ServerFigures all = co_await std::move(reading);
  const Gateway::Stats told = notifier.gateway().stats();
  all.changed_sent = told.changed_sent;
  all.sockets = told.connections;
  const StoreStatistics store = backend->store().statistics();
  all.commits = store.commit_us.count;
  all.commit_us = store.commit_us.sum;
  all.store_disk_bytes = store.disk_bytes;
  all.store_messages = store.messages_estimate;
  co_return all;
}

AdminHandler::Status Server::Impl::describe() {
  const auto healthy = backend->store().healthy();
  const StoreStatistics store = backend->store().statistics();
  const auto up = std::chrono::duration_cast<seconds>(clock.monotonic() - started_at);
  AdminHandler::Status status{
      {"running", true},
      {"version", kVersion},
      {"up_seconds", static_cast<std::uint64_t>(up.count())},
      {"listen", format_address({parse_address(settings.listen)->host, clients.port()})},
      {"admin_listen",
       format_address({parse_address(settings.admin_listen)->host, health_server->port()})},
      {"data", std::filesystem::absolute(settings.data).string()},
      {"durability", settings.durability},
      {"takes_writes", healthy.has_value()},
  };
  if (!healthy) status.push_back({"store_trouble", healthy.error().detail});
  const AdminHandler::Status rest{
      {"clock_in_order", chat.clock_guard.in()},
      {"messages_estimated", store.messages_estimate},
      {"disk_bytes", store.disk_bytes},
      {"damage_met", store.damage_met},
      {"connections", clients.open_connections()},
      {"sockets", static_cast<std::uint64_t>(notifier.gateway().stats().connections)},
      {"accounts_to_erase", static_cast<std::uint64_t>(chat.end_account.waiting())},
  };
  status.insert(status.end(), rest.begin(), rest.end());
  return status;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(milliseconds(0)); }

Result<std::unique_ptr<Server>> Server::start(const Settings& settings, const Clock& clock,
                                              const PortsHook& hook) {
  auto files = load_web(settings);
  if (!files) return forward(std::move(files));
  auto backend = EmbeddedBackend::open(settings, clock);
  if (!backend) return forward(std::move(backend));
  std::unique_ptr<Server> server(new Server(
      std::make_unique<Impl>(settings, clock, std::move(*backend), hook, std::move(*files))));
  Impl& impl = *server->impl_;
  if (auto found = block_on(impl.chat.end_account.find_unfinished()); !found)
    return forward(std::move(found));
  if (settings.demo == "on") {
    if (auto started = impl.start_demo(); !started) return forward(std::move(started));
  }
  if (auto listening = impl.listen(); !listening) return forward(std::move(listening));
  return server;
}

Address Server::api_address() const {
  return {parse_address(impl_->settings.listen)->host, impl_->clients.port()};
}

Address Server::admin_address() const {
  return {parse_address(impl_->settings.admin_listen)->host, impl_->health_server->port()};
}

Result<void> Server::renew_certificate() { return impl_->clients.renew_certificate(); }

bool Server::is_empty() {
  const auto first = block_on(impl_->chat.ports.users.list("", 1));
  return first && first->empty();
}

void Server::stop(milliseconds time) {
  if (!impl_ || impl_->stopping.exchange(true)) return;
  Impl& impl = *impl_;
  // From the outside in: nobody calls a thing that has been stopped.
  impl.clients.drain(time);
  if (impl.admin_socket) impl.admin_socket->stop();
  if (impl.health_server) impl.health_server->drain(kAdminDrain);
  impl.tasks.request_stop();
  if (impl.demo) impl.demo->request_stop();
  impl.notifier.request_stop();
  block_on(impl.tasks.join());
  block_on(impl.notifier.stop());
  block_on(impl.chat.stop());
  impl.api_threads.stop();
  impl.own_thread.stop();
  impl_.reset();
}

}  // namespace tidings
