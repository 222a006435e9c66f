#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/rocks/rocks_options.h"
#include "adapters/rocks/stored_key.h"
#include "base/result.h"
#include "model/cursor.h"

namespace tidings::rocks {

// Where a read may look.
enum class ReadTier : std::uint8_t {
  Memory,  // write buffers and cache alone: never waits for the disk
  Disk,
};

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// The failure of the database as the outside sees it: Unavailable for what may pass, Internal for
// what is damaged (and logged).
std::unexpected<Error> fail_with(const rocksdb::Status& status, std::string_view doing);
// A record that does not decode: Internal naming the key, and a line in the log.
std::unexpected<Error> fail_damaged(Table table, std::string_view key);
// How often one of the two met damage since this process began.
std::uint64_t damage_met();

// What went wrong behind the scenes (a flush, a compaction), for as long as it is wrong.
struct BackgroundFailure {
  bool disk_full = false;
  std::string reason;
};

// The open database: a directory that is locked, of the right format and without damage that can be
// seen at once. Safe from any thread.
//
// The directory holds
//   LOCK     held by the process that uses the store
//   FORMAT   one line: "tidings store 2"
//   db/      the files of RocksDB
class Database {
 public:
  // Makes the store when the directory is empty or does not exist.
  //
  // Errors: InvalidRequest  the directory can't be written, is of another format, is a backup, or
  //                         holds no store but other files; then nothing was written
  //         Unavailable     another process uses it
  //         Internal        it is damaged; the detail says what to do
  static Result<std::unique_ptr<Database>> open(const RocksOptions& options);
  // For looking at a store that may be damaged: writes nothing, and reads the log as far as it
  // goes.
  //
  // Errors: as above, and Unavailable when there is no store
  static Result<std::unique_ptr<Database>> open_read_only(const RocksOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* handle(Table table) const {
    return handles_[static_cast<std::size_t>(table)];
  }
  const RocksOptions& options() const { return options_; }
  StoreEpoch epoch() const { return epoch_; }

  rocksdb::Status get(ReadTier tier, Table table, std::string_view key,
                      rocksdb::PinnableSlice* value) const;

  // Gives the store another epoch. Only while nobody uses it.
  Result<void> renew_epoch();

  // Of a background job that failed; nothing while all is well.
  std::optional<BackgroundFailure> background_failure() const;
  // Whether a write would wait for compactions now.
  bool stalled() const;
  // After the disk was full and has space again: goes on where the database stopped.
  Result<void> resume();

 private:
  class Watcher;
  struct LockFile;

  explicit Database(const RocksOptions& options);
  Result<void> lock();
  Result<void> check_format();
  Result<void> create();
  Result<void> open_db(bool read_only);
  Result<void> load_epoch();

  RocksOptions options_;
  std::unique_ptr<LockFile> lock_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<Watcher> watcher_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kTableCount> handles_{};
  StoreEpoch epoch_ = 0;
  bool read_only_ = false;
};

// From memory alone, RocksDB says "found" with an empty value of a key that may lie in a table that
// is not open, or whose index has left the cache. The disk knows.
bool is_guess(ReadTier tier, const rocksdb::Status& status, const rocksdb::Slice& value);

// Rows of one table with lower <= key < upper, in one direction. Both bounds begin with the same 16
// bytes (the table's prefix) or `whole_order` is asked for.
class Scan {
 public:
  enum class Order { WithinPrefix, Whole };
  Scan(const Database& database, ReadTier tier, Table table, std::string_view lower,
       std::string_view upper, Order order = Order::WithinPrefix);
  Scan(const Scan&) = delete;  // the iterator points at the bounds
  Scan& operator=(const Scan&) = delete;

  void seek(std::string_view key) { rows_->Seek(slice(key)); }
  void first() { rows_->Seek(lower_); }
  void last();
  void next() { rows_->Next(); }
  void previous() { rows_->Prev(); }
  bool valid() const { return rows_->Valid(); }
  std::string_view key() const { return view(rows_->key()); }
  std::string_view value() const { return view(rows_->value()); }
  // Not ok: the scan ended early.
  rocksdb::Status status() const { return rows_->status(); }

 private:
  StoredKey lower_key_;
  StoredKey upper_key_;
  rocksdb::Slice lower_;
  rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> rows_;
};

}  // namespace tidings::rocks
