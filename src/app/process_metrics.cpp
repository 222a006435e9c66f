#include "app/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "app/version.h"

namespace tidings {
namespace {

const auto kStartedAt = std::chrono::system_clock::now();

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double open_files() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  return error ? 0 : static_cast<double>(std::distance(begin(files), end(files)));
}

}  // namespace

void show_process(MetricPage& page) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  page.gauge("tidings_build_info", "1; the version is a label.", 1, {{"version", kVersion}});
  page.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.",
             std::chrono::duration<double>(kStartedAt.time_since_epoch()).count());
  page.counter("process_cpu_seconds_total", "Processor time, of user and system.",
               seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  page.gauge("process_resident_memory_bytes", "Memory that is in RAM.", resident_bytes());
  page.gauge("process_open_fds", "Open files and sockets.", open_files());
  page.gauge("process_max_fds", "How many may be open.", static_cast<double>(files.rlim_cur));
}

}  // namespace tidings
