#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/rocks/histogram.h"
#include "model/ids.h"

// What administration hears of the store.
namespace tidings {

// What a backup, or a restore from one, copied.
struct CopyReport {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
};

struct StoreProblem {
  std::optional<GroupId> group;  // absent: of the store as a whole, or of people
  std::string what;              // one sentence
};

struct CheckReport {
  std::uint64_t groups = 0;
  std::uint64_t messages = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t late_arrivals = 0;
  std::uint64_t amendments = 0;
  std::uint64_t sealed_sums = 0;
  std::uint64_t members = 0;
  std::uint64_t users = 0;
  std::uint64_t sessions = 0;
  std::uint64_t problem_count = 0;
  std::vector<StoreProblem> problems;  // the first 1,000

  bool is_sound() const { return problem_count == 0; }
};

// Numbers for metrics, since the store was opened where they count.
struct StoreStatistics {
  std::uint64_t write_queue_depth = 0;
  std::uint64_t write_queue_bytes = 0;
  std::uint64_t writes_refused = 0;
  rocks::Histogram::Snapshot commit_sizes;  // writes in a commit
  rocks::Histogram::Snapshot commit_us;     // writing and syncing one
  std::uint64_t reads_from_memory = 0;
  std::uint64_t reads_from_disk = 0;
  std::uint64_t reads_refused = 0;
  std::uint64_t read_queue_depth = 0;
  std::uint64_t cache_bytes = 0;  // the write buffers included
  std::uint64_t write_buffer_bytes = 0;
  std::uint64_t table_reader_bytes = 0;
  std::uint64_t disk_bytes = 0;  // tables and blob files
  std::uint64_t pending_compaction_bytes = 0;
  std::uint64_t delayed_write_bytes_per_second = 0;  // 0: not delayed
  bool writes_stopped = false;
  std::uint64_t damage_met = 0;  // calls that found a damaged file or record
  std::uint64_t messages_estimate = 0;
};

}  // namespace tidings
