// Preloaded into a redis-server of the tests: its wall clock stands where a file says, until the
// test moves it. The monotonic clock, which paces its event loop, goes on.
//
// Not libfaketime: that and jemalloc, which Debian's redis-server is linked with, wait for each
// other at the start. This one asks nothing of anybody: no allocation, no symbol looked up.
//
//   the file named by STILL_TIME_FILE: int64, microseconds since 1970

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

std::atomic<std::int64_t>* map_file() {
  const char* const path = std::getenv("STILL_TIME_FILE");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  void* const bytes = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (bytes == MAP_FAILED) std::abort();
  return static_cast<std::atomic<std::int64_t>*>(bytes);
}

std::int64_t now_us() {
  static std::atomic<std::atomic<std::int64_t>*> mapped{nullptr};
  if (mapped.load() == nullptr) mapped = map_file();
  return mapped.load()->load();
}

}  // namespace

extern "C" {

int gettimeofday(struct timeval* time, void* /*zone*/) noexcept {
  const std::int64_t now = now_us();
  time->tv_sec = now / 1'000'000;
  time->tv_usec = now % 1'000'000;
  return 0;
}

int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  }
  const std::int64_t now = now_us();
  time->tv_sec = now / 1'000'000;
  time->tv_nsec = now % 1'000'000 * 1'000;
  return 0;
}

time_t time(time_t* out) noexcept {
  const time_t now = now_us() / 1'000'000;
  if (out != nullptr) *out = now;
  return now;
}

}  // extern "C"
