#include "app/file_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace tidings {
namespace {

// RocksDB keeps up to 512 tables open, the admin listener takes 64 connections, and as many files
// again are for other servers and for what comes and goes.
constexpr std::size_t kKeptMax = 1'024;

}  // namespace

FileLimit read_file_limit() {
  FileLimit files;
  std::error_code error;
  const std::filesystem::directory_iterator open("/proc/self/fd", error);
  if (!error) files.open = static_cast<std::size_t>(std::distance(begin(open), end(open)));
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) files.max = limit.rlim_cur;
  return files;
}

std::size_t connections_that_fit(const FileLimit& files) {
  const std::size_t kept = files.open + std::min(kKeptMax, files.max / 2);
  return files.max > kept ? files.max - kept : 0;
}

}  // namespace tidings
