#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/clock.h"

namespace rocksdb {
class Env;
}

namespace tidings {

// What an acknowledged write survives.
enum class Durability : std::uint8_t {
  Fsync,  // a power cut: it is on the disk before it is acknowledged
  Os,     // a crash of the process; a power cut may take the last seconds
};

// Every setting of the store on one machine. The process's memory for the store is at most
// `cache_bytes` plus a few MiB: write buffers are charged to the cache.
struct RocksOptions {
  std::filesystem::path directory;
  Durability durability = Durability::Fsync;

  std::size_t cache_bytes = 256u << 20;        // blocks read from disk, and the write buffers
  std::size_t write_buffer_bytes = 64u << 20;  // rows that are in the log but not yet in a table
  int background_jobs = 2;                     // flushes and compactions at a time
  int open_files_max = 512;

  std::size_t write_queue_max = 8'192;  // writes that wait for the commit under way
  std::size_t write_queue_bytes_max = 64u << 20;
  std::size_t commit_max = 1'024;  // writes in one commit
  milliseconds write_deadline = seconds(2);
  // Writes are refused while the disk has less space than this, so that what was accepted can still
  // be laid down and the log never ends in the middle of a record.
  std::uint64_t disk_reserve_bytes = 64u << 20;

  std::size_t reader_threads = 2;  // for reads that must wait for the disk
  std::size_t read_queue_max = 1'024;

  // Tests of faults put an environment here that fails on purpose. Null: the real one.
  rocksdb::Env* environment = nullptr;
};

}  // namespace tidings
