#include "app/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "app/file_limit.h"
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

}  // namespace

void show_process(MetricPage& page) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const FileLimit files = read_file_limit();
  page.gauge("tidings_build_info", "1; the version is a label.", 1, {{"version", kVersion}});
  page.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.",
             std::chrono::duration<double>(kStartedAt.time_since_epoch()).count());
  page.counter("process_cpu_seconds_total", "Processor time, of user and system.",
               seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  page.gauge("process_resident_memory_bytes", "Memory that is in RAM.", resident_bytes());
  page.gauge("process_open_fds", "Open files and sockets.", static_cast<double>(files.open));
  page.gauge("process_max_fds", "How many may be open.", static_cast<double>(files.max));
}

}  // namespace tidings
