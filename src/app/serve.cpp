#include "app/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "app/server.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/log.h"

namespace tidings {
namespace {

LogLevel log_level_of(const std::string& name) {
  if (name == "debug") return LogLevel::Debug;
  if (name == "warn") return LogLevel::Warn;
  if (name == "error") return LogLevel::Error;
  if (name == "off") return LogLevel::Off;
  return LogLevel::Info;
}

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGHUP);
  return signals;
}

// Every connection is a file.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
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

ExitCode serve(const Settings& settings, const PortsHook& hook) {
  // Blocked before any thread begins, so that only sigwait below sees them.
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();

  const SystemClock clock;
  auto server = Server::start(settings, clock, hook);
  if (!server) {
    std::fprintf(stderr, "tidings: %s\n", server.error().detail.c_str());
    return code_of(server.error());
  }
  greet(**server, settings);

  int signal = 0;
  ::sigwait(&signals, &signal);
  log_info("serve.stopping", {{"signal", ::sigdescr_np(signal)}});
  // From here on a second signal does what it does to any program.
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*server)->stop(seconds(settings.stop_timeout_s));
  log_info("serve.stopped");
  return ExitCode::Done;
}

}  // namespace

ExitCode run_serve(const ServeCommand& command, const PortsHook& hook) {
  const auto config = load_config(command.sources);
  if (!config) {
    std::fprintf(stderr, "tidings: %s\n", config.error().detail.c_str());
    return ExitCode::Usage;
  }
  if (command.print_config) {
    std::fputs(to_toml(config->settings).c_str(), stdout);
    return ExitCode::Done;
  }
  set_log_level(log_level_of(config->settings.log_level));
  for (const std::string& warning : config->warnings) {
    log_warn("serve.config", {{"what", warning}});
  }
  return serve(config->settings, hook);
}

}  // namespace tidings
