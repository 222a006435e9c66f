#include "app/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstring>
#include <ctime>

namespace tidings {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

sigset_t all_signals() {
  sigset_t signals = stop_signals();
  ::sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = all_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

std::string StopSignals::wait(const std::function<void()>& on_hangup) {
  const sigset_t signals = all_signals();
  while (true) {
    int signal = 0;
    ::sigwait(&signals, &signal);
    if (signal != SIGHUP) return ::sigdescr_np(signal);
    on_hangup();
  }
}

std::optional<std::string> StopSignals::wait(milliseconds time,
                                             const std::function<void()>& on_hangup) {
  const sigset_t signals = all_signals();
  const auto whole = std::chrono::duration_cast<seconds>(time);
  const timespec within{whole.count(), std::chrono::nanoseconds(time - whole).count()};
  const int signal = ::sigtimedwait(&signals, nullptr, &within);
  if (signal == SIGHUP) on_hangup();
  if (signal <= 0 || signal == SIGHUP) return std::nullopt;
  return ::sigdescr_np(signal);
}

void StopSignals::let_through() {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace tidings
