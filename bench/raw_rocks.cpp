// RocksDB alone: rows of 200 bytes and a head key each, in batches with one fsync a batch. Prints
// one JSON object.
//
//   raw_rocks DIRECTORY BATCH SECONDS

#include <rocksdb/db.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: raw_rocks DIRECTORY BATCH SECONDS\n");
    return 2;
  }
  const int batch_rows = std::atoi(argv[2]);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, argv[1], &opened); !status.ok()) {
    std::fprintf(stderr, "raw_rocks: %s\n", status.ToString().c_str());
    return 1;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  std::mt19937_64 random(1);
  const std::string value(220, 'x');
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + std::chrono::duration<double>(std::atof(argv[3]));
  std::uint64_t rows = 0;
  while (std::chrono::steady_clock::now() < end) {
    rocksdb::WriteBatch batch;
    for (int i = 0; i < batch_rows; ++i, ++rows) {
      const std::uint64_t group = random() % 1000;
      batch.Put("m" + std::to_string(group) + std::to_string(rows), value);
      batch.Put("h" + std::to_string(group), std::to_string(rows));
    }
    if (!db->Write(durable, &batch).ok()) return 1;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                     static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  std::printf(
      "{\"scenario\":\"raw_rocks\",\"batch\":%d,\"rows\":%lu,\"per_second\":%.0f,\"per_cpu_"
      "second\":%.0f}\n",
      batch_rows, rows, static_cast<double>(rows) / seconds, static_cast<double>(rows) / cpu);
  return 0;
}
