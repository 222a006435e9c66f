#include "app/serve.h"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "app/cluster_worker.h"
#include "app/server.h"
#include "app/stop_signals.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/tls.h"

namespace tidings {
namespace {

// How soon a worker that will never serve ends.
constexpr milliseconds kLookEvery{200};

LogLevel log_level_of(const std::string& name) {
  if (name == "debug") return LogLevel::Debug;
  if (name == "warn") return LogLevel::Warn;
  if (name == "error") return LogLevel::Error;
  if (name == "off") return LogLevel::Off;
  return LogLevel::Info;
}

// An address that a person on this machine can open.
std::string url_of(const Address& address, bool is_tls) {
  Address shown = address;
  if (shown.host == "0.0.0.0") shown.host = "127.0.0.1";
  if (shown.host == "::") shown.host = "::1";
  return (is_tls ? "https://" : "http://") + format_address(shown);
}

// The first thing that people see. On standard error like the log, since nothing here is a result.
void greet(Server& server, const Settings& settings) {
  const bool is_tls = !settings.tls_cert.empty();
  const std::string api = url_of(server.api_address(), is_tls);
  const std::string admin = url_of(server.admin_address(), false);
  const std::string data = std::filesystem::absolute(settings.data).lexically_normal().string();
  std::string text = "\n  Tidings " + std::string(kVersion) + " is ready.\n\n";
  if (!settings.web.empty()) text += "    open      " + api + "\n";
  text += "    API       " + api + "   (described at " + api + "/v1/openapi.json)\n";
  text += "    health    " + admin + "/readyz, metrics at /metrics\n";
  text += "    data      " + data + '\n';
  text += settings.durability == "fsync"
              ? "    durable   an answered send is on the disk\n"
              : "    durable   an answered send survives a crash of tidings, not a power cut\n";
  if (server.is_empty()) {
    text += "\n  Nobody is here yet. In another terminal:\n\n";
    text += settings.registration == "open"
                ? "    tidings client login alice --new --server " + api + '\n'
                : "    tidings admin account create alice --data " + settings.data + '\n';
    text += "    tidings client --help\n";
  }
  text += "\n  Ctrl-C stops it.\n\n";
  std::fputs(text.c_str(), stderr);
  log_info("serve.started", {{"api", api}, {"admin", admin}, {"data", data}});
}

ExitCode code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::Unavailable:
      return ExitCode::Unreachable;
    case ErrorCode::InvalidRequest:
      return ExitCode::Usage;
    default:
      return ExitCode::Failed;
  }
}

// Looked at before a directory is made, or a cluster waited for, by a server that can't serve.
Result<void> check_certificate(const Settings& settings) {
  if (settings.tls_cert.empty()) return {};
  if (auto tls = TlsContext::for_server(settings.tls_cert, settings.tls_key); !tls)
    return forward(std::move(tls));
  return {};
}

// What SIGHUP asks for. There is nothing else that is read again.
template <class Process>
void renew_certificate(Process& process, const Settings& settings) {
  if (settings.tls_cert.empty()) return log_info("serve.no_certificate_to_renew");
  if (auto renewed = process.renew_certificate(); !renewed)
    return log_error("serve.certificate_kept", {{"reason", renewed.error().detail}});
  log_info("serve.certificate_renewed", {{"file", settings.tls_cert}});
}

ExitCode serve(const Settings& settings, const PortsHook& hook) {
  StopSignals signals;
  raise_file_limit();

  const SystemClock clock;
  auto server = Server::start(settings, clock, hook);
  if (!server) {
    std::fprintf(stderr, "tidings: %s\n", server.error().detail.c_str());
    return code_of(server.error());
  }
  greet(**server, settings);

  const auto on_hangup = [&] { renew_certificate(**server, settings); };
  log_info("serve.stopping", {{"signal", signals.wait(on_hangup)}});
  signals.let_through();
  (*server)->stop(seconds(settings.stop_timeout_s));
  log_info("serve.stopped");
  return ExitCode::Done;
}

// One worker of a cluster. Nobody greets a person here: it is started by a machine.
ExitCode work(ServerRole role, const Settings& settings, const PortsHook& hook) {
  StopSignals signals;
  raise_file_limit();

  const SystemClock clock;
  auto worker = ClusterWorker::start(role, settings, clock, hook);
  if (!worker) {
    std::fprintf(stderr, "tidings: %s\n", worker.error().detail.c_str());
    return code_of(worker.error());
  }
  log_info("worker.started", {{"role", name_of(role)},
                              {"version", kVersion},
                              {"admin", format_address((*worker)->admin_address())}});

  const auto on_hangup = [&] { renew_certificate(**worker, settings); };
  std::optional<std::string> signal;
  std::optional<Error> failure;
  while (!signal && !failure) {
    signal = signals.wait(kLookEvery, on_hangup);
    failure = (*worker)->failure();
  }
  if (failure) {
    std::fprintf(stderr, "tidings: %s\n", failure->detail.c_str());
    (*worker)->stop(milliseconds(0), milliseconds(0));
    return code_of(*failure);
  }
  log_info("worker.stopping", {{"signal", *signal}});
  signals.let_through();
  (*worker)->stop(seconds(settings.drain_wait_s), seconds(settings.stop_timeout_s));
  log_info("worker.stopped");
  return ExitCode::Done;
}

}  // namespace

ExitCode run_serve(const ServeCommand& command, const PortsHook& hook) {
  const auto config = load_config(command.sources, command.role);
  if (!config) {
    std::fprintf(stderr, "tidings: %s\n", config.error().detail.c_str());
    return ExitCode::Usage;
  }
  if (command.print_config) {
    std::fputs(to_toml(config->settings, command.role).c_str(), stdout);
    return ExitCode::Done;
  }
  if (auto usable = check_certificate(config->settings); !usable) {
    std::fprintf(stderr, "tidings: %s\n", usable.error().detail.c_str());
    return code_of(usable.error());
  }
  set_log_level(log_level_of(config->settings.log_level));
  for (const std::string& warning : config->warnings) {
    log_warn("serve.config", {{"what", warning}});
  }
  return command.role == ServerRole::Serve ? serve(config->settings, hook)
                                           : work(command.role, config->settings, hook);
}

}  // namespace tidings
