#include "adapters/rocks/database.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/rocks/stored_record.h"
#include "adapters/rocks/write_log.h"
#include "base/bytes.h"
#include "base/log.h"

namespace tidings::rocks {
namespace {

constexpr std::string_view kFormat = "tidings store 2\n";
constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kEpochKey = "epoch";
constexpr std::uint64_t kFormatVersion = 2;
constexpr std::size_t kPrefixBytes = 16;
constexpr std::size_t kBytesPerBucket = 256;  // of a write buffer; a bucket takes 8 of them
constexpr std::uint64_t kBlobBytesMin = 4096;
constexpr std::size_t kSmallWriteBufferBytes = 4u << 20;
// The log is replayed at every start after a crash; this much takes about a second.
constexpr std::uint64_t kLogBytesMax = 64u << 20;

bool has_prefix(Table table) {
  switch (table) {
    case Table::Messages:
    case Table::Arrivals:
    case Table::Late:
    case Table::Amendments:
    case Table::Heads:
    case Table::Sealed:
    case Table::Members:
    case Table::UserGroups:
    case Table::ReadMarks:
      return true;
    default:
      return false;
  }
}

// Tables that grow with each message have large write buffers; the others little ones.
std::size_t write_buffer_bytes(Table table, const RocksOptions& options) {
  switch (table) {
    case Table::Messages:
      return options.write_buffer_bytes / 2;
    case Table::Arrivals:
    case Table::Heads:
      return options.write_buffer_bytes / 4;
    default:
      return std::min(kSmallWriteBufferBytes, options.write_buffer_bytes / 4);
  }
}

rocksdb::ColumnFamilyOptions table_options(Table table, const RocksOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.block_size = 16 * 1024;
  blocks.cache_index_and_filter_blocks = true;
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.whole_key_filtering = true;
  blocks.format_version = 5;

  rocksdb::ColumnFamilyOptions made;
  made.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  made.write_buffer_size = write_buffer_bytes(table, options);
  made.max_write_buffer_number = 3;
  made.level_compaction_dynamic_level_bytes = true;
  made.compression = rocksdb::kLZ4Compression;
  made.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  if (table == Table::Messages) {
    // A late message asks for an id that is not there.
    made.memtable_whole_key_filtering = true;
    made.memtable_prefix_bloom_size_ratio = 0.05;
  }
  if (made.write_buffer_size <= kSmallWriteBufferBytes) made.arena_block_size = 64 * 1024;
  if (has_prefix(table))
    made.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kPrefixBytes));
  if (table == Table::Messages || table == Table::Arrivals) {
    made.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(kPrefixBytes));
  }
  if (table == Table::Heads) {
    made.memtable_factory.reset(
        rocksdb::NewHashSkipListRepFactory(made.write_buffer_size / kBytesPerBucket));
  }
  if (table == Table::Messages) {
    made.enable_blob_files = true;
    made.min_blob_size = kBlobBytesMin;
    made.blob_compression_type = rocksdb::kLZ4Compression;
    made.enable_blob_garbage_collection = true;
    made.blob_cache = cache;
  }
  return made;
}

rocksdb::DBOptions database_options(const RocksOptions& options,
                                    const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions made;
  if (options.environment != nullptr) made.env = options.environment;
  made.max_background_jobs = options.background_jobs;
  made.max_open_files = options.open_files_max;
  made.skip_stats_update_on_db_open = true;
  made.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes, cache);
  made.max_total_wal_size = kLogBytesMax;
  // A cut-off last record is accepted, damage anywhere else is not; mend_logs() tells them apart
  // better than the database does. (Recycled logs would blur the difference: they are off.) The
  // sizes of finished logs are kept in the manifest, so that a log that lost its end is seen too.
  made.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  made.track_and_verify_wals_in_manifest = true;
  // Each table and blob file has a sum of the whole in the manifest. A backup compares it with what
  // it copies, so that damage is not carried on in silence.
  made.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // There is one writer, the commit batcher.
  made.allow_concurrent_memtable_write = false;
  made.enable_write_thread_adaptive_yield = false;
  made.avoid_unnecessary_blocking_io = true;
  made.bytes_per_sync = 1u << 20;
  // Nothing goes on after an error on its own: what may go on is decided in the batcher.
  made.max_bgerror_resume_count = 0;
  made.stats_dump_period_sec = 0;
  made.stats_persist_period_sec = 0;
  made.info_log_level = rocksdb::WARN_LEVEL;
  made.keep_log_file_num = 4;
  made.max_log_file_size = 4u << 20;
  return made;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  auto unfinished = path;
  unfinished += ".new";
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return fail(ErrorCode::InvalidRequest, path.string() + " can't be written.");
  }
  const int fd = ::open(unfinished.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  std::error_code error;
  if (synced) std::filesystem::rename(unfinished, path, error);
  if (!synced || error) {
    return fail(ErrorCode::InvalidRequest, path.string() + " can't be written.");
  }
  return {};
}

void sync_directory(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

// What may be in a directory without a store: what a start that broke off left, what the program
// keeps beside the store, and what file systems and login shells put everywhere.
bool may_be_beside(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "LOCK",        "FORMAT.new",      "db",         "db.new",
      "access-keys", "access-keys.new", "admin.sock", "lost+found"};
  return name.starts_with('.') || std::ranges::find(kNames, name) != kNames.end();
}

bool is_backup(const std::filesystem::path& directory) {
  std::error_code error;
  return std::filesystem::is_directory(directory / "meta", error) &&
         std::filesystem::is_directory(directory / "private", error);
}

// A store is not made among somebody's files. Looked at before anything is written.
Result<void> refuse_foreign(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory / "FORMAT", error)) return {};
  if (is_backup(directory)) {
    return fail(ErrorCode::InvalidRequest,
                directory.string() +
                    " is a backup. Make a data directory of it: tidings admin "
                    "restore " +
                    directory.string() + " --data NEW");
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (may_be_beside(name)) continue;
    return fail(ErrorCode::InvalidRequest,
                "There is no store in " + directory.string() + ", but something else (" + name +
                    "). Name a data directory, or one that is empty or does not exist yet.");
  }
  return {};
}

// A check is what looks at a store read-only: it is not told to run a check.
std::unexpected<Error> fail_opening(const std::filesystem::path& directory,
                                    const rocksdb::Status& status, bool read_only) {
  const bool is_missing = status.IsNotFound() || status.IsPathNotFound();
  if (status.IsCorruption() || is_missing || status.IsInvalidArgument()) {
    const std::string what =
        "The store in " + directory.string() + " is damaged: " + status.ToString();
    return fail(ErrorCode::Internal,
                read_only ? what + ". Nothing in it can be read."
                          : what +
                                ". `tidings admin check` says what is touched; restore from a "
                                "backup.");
  }
  return fail(ErrorCode::Unavailable,
              "The store in " + directory.string() + " can't be opened: " + status.ToString());
}

StoreEpoch new_epoch() {
  const Uuid random = Uuid::v4();
  const auto epoch = static_cast<StoreEpoch>(ByteReader(as_text(random.bytes)).u32());
  return epoch == 0 ? 1 : epoch;
}

// A bit a table.
std::uint32_t bit_of(std::string_view table) {
  static_assert(kTableCount <= 32);
  std::size_t place = 0;
  while (place < kTableCount && name_of(static_cast<Table>(place)) != table) ++place;
  return place < kTableCount ? std::uint32_t{1} << place : 0;
}

std::atomic<std::uint64_t> damage_count{0};

}  // namespace

std::uint64_t damage_met() { return damage_count.load(std::memory_order_relaxed); }

std::unexpected<Error> fail_with(const rocksdb::Status& status, std::string_view doing) {
  if (status.IsCorruption()) {
    damage_count.fetch_add(1, std::memory_order_relaxed);
    log_error("store.damaged", {{"doing", doing}, {"error", status.ToString()}});
    return fail(ErrorCode::Internal, "The store is damaged: " + status.ToString());
  }
  log_warn("store.failed", {{"doing", doing}, {"error", status.ToString()}});
  return fail(ErrorCode::Unavailable, "The store did not answer.");
}

std::unexpected<Error> fail_damaged(Table table, std::string_view key) {
  const auto hex = to_hex(as_bytes_of(key));
  damage_count.fetch_add(1, std::memory_order_relaxed);
  log_error("store.damaged_record", {{"table", name_of(table)}, {"key", hex}});
  return fail(ErrorCode::Internal,
              "A damaged record: " + std::string(name_of(table)) + " " + hex + ".");
}

struct Database::LockFile {
  explicit LockFile(int fd) : fd(fd) {}
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile() { ::close(fd); }
  int fd;
};

// Hears of failures of flushes and compactions, and of stalls.
class Database::Watcher final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    const std::lock_guard lock(mutex_);
    failure_ = BackgroundFailure{status->IsNoSpace(), status->ToString()};
  }
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    const std::lock_guard lock(mutex_);
    const auto bit = bit_of(info.cf_name);
    if (info.condition.cur == rocksdb::WriteStallCondition::kStopped) {
      stopped_ |= bit;
    } else {
      stopped_ &= ~bit;
    }
    is_stopped_.store(stopped_ != 0, std::memory_order_relaxed);
  }

  std::optional<BackgroundFailure> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }
  void forget_failure() {
    const std::lock_guard lock(mutex_);
    failure_.reset();
  }
  bool stopped() const { return is_stopped_.load(std::memory_order_relaxed); }

 private:
  mutable std::mutex mutex_;
  std::optional<BackgroundFailure> failure_;
  std::uint32_t stopped_ = 0;  // a bit a table
  std::atomic<bool> is_stopped_{false};
};

Database::Database(const RocksOptions& options)
    : options_(options), watcher_(std::make_shared<Watcher>()) {
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.cache_bytes;
  cache.num_shard_bits = 4;
  cache.metadata_charge_policy = rocksdb::kFullChargeCacheMetadata;
  cache_ = rocksdb::NewLRUCache(cache);
}

Database::~Database() {
  if (db_ == nullptr) return;
  if (!read_only_ && !background_failure()) {
    // So that the next start has no log to replay.
    std::vector<rocksdb::ColumnFamilyHandle*> all(handles_.begin(), handles_.end());
    db_->Flush(rocksdb::FlushOptions(), all).PermitUncheckedError();
  }
  for (auto* const handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

Result<std::unique_ptr<Database>> Database::open(const RocksOptions& options) {
  if (auto ours = refuse_foreign(options.directory); !ours) return forward(std::move(ours));
  std::unique_ptr<Database> database(new Database(options));
  if (auto locked = database->lock(); !locked) return forward(std::move(locked));
  if (auto checked = database->check_format(); !checked) return forward(std::move(checked));
  if (auto mended = mend_logs(options.directory / "db"); !mended) return forward(std::move(mended));
  if (auto opened = database->open_db(false); !opened) return forward(std::move(opened));
  if (auto loaded = database->load_epoch(); !loaded) return forward(std::move(loaded));
  return database;
}

Result<std::unique_ptr<Database>> Database::open_read_only(const RocksOptions& options) {
  if (!std::filesystem::exists(options.directory / "FORMAT")) {
    return fail(ErrorCode::Unavailable, "There is no store in " + options.directory.string() +
                                            ": name the data directory with --data.");
  }
  std::unique_ptr<Database> database(new Database(options));
  if (auto locked = database->lock(); !locked) return forward(std::move(locked));
  if (auto opened = database->open_db(true); !opened) return forward(std::move(opened));
  if (auto loaded = database->load_epoch(); !loaded) return forward(std::move(loaded));
  return database;
}

Result<void> Database::lock() {
  const auto& directory = options_.directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const auto path = directory / "LOCK";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return fail(ErrorCode::InvalidRequest,
                "The data directory " + directory.string() +
                    " can't be written: " + std::generic_category().message(errno) + ".");
  }
  lock_ = std::make_unique<LockFile>(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::Unavailable,
                "Another tidings is using the data directory " + directory.string() + ".");
  }
  return {};
}

Result<void> Database::check_format() {
  const auto format_path = options_.directory / "FORMAT";
  const auto db_path = options_.directory / "db";
  std::error_code error;
  const bool has_format = std::filesystem::exists(format_path, error);
  const bool has_db = std::filesystem::exists(db_path, error);
  if (has_format) {
    std::ifstream file(format_path, std::ios::binary);
    const std::string format{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
    if (format != kFormat) {
      return fail(ErrorCode::InvalidRequest,
                  "The data directory " + options_.directory.string() +
                      " has a format that this program does not know. Use the program that wrote "
                      "it, or another directory.");
    }
    if (has_db) return {};
    return fail(ErrorCode::Internal, "The store is damaged: " + db_path.string() +
                                         " is missing. Restore from a backup.");
  }
  if (!has_db) {
    if (auto created = create(); !created) return created;
  }
  // A crash may have come between the two; the epoch inside tells a whole store from another thing.
  return write_file(format_path, kFormat);
}

// Made beside its place and moved there whole, so that a crash leaves a store or none.
Result<void> Database::create() {
  const auto unfinished = options_.directory / "db.new";
  std::error_code error;
  std::filesystem::remove_all(unfinished, error);
  {
    auto options = database_options(options_, cache_);
    options.create_if_missing = true;
    rocksdb::DB* made = nullptr;
    auto status = rocksdb::DB::Open(rocksdb::Options(options, {}), unfinished.string(), &made);
    if (!status.ok()) {
      return fail(
          ErrorCode::InvalidRequest,
          "The store can't be made in " + options_.directory.string() + ": " + status.ToString());
    }
    const std::unique_ptr<rocksdb::DB> db(made);
    rocksdb::WriteBatch batch;
    status = batch.Put(slice(kFormatKey), encode_u64(kFormatVersion));
    if (status.ok()) status = batch.Put(slice(kEpochKey), encode_u64(new_epoch()));
    if (status.ok()) status = db->Write(rocksdb::WriteOptions(), &batch);
    if (status.ok()) status = db->Flush(rocksdb::FlushOptions());
    if (status.ok()) status = db->Close();
    if (!status.ok()) return fail_with(status, "making the store");
  }
  std::filesystem::rename(unfinished, options_.directory / "db", error);
  if (error) return fail(ErrorCode::InvalidRequest, "The store can't be made: " + error.message());
  sync_directory(options_.directory);
  return {};
}

Result<void> Database::open_db(bool read_only) {
  read_only_ = read_only;
  auto options = database_options(options_, cache_);
  options.create_missing_column_families = !read_only;
  options.listeners = {watcher_};
  if (read_only) {
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.avoid_unnecessary_blocking_io = false;  // nothing would ever do what is put off
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> tables;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    tables.emplace_back(std::string(name_of(table)), table_options(table, options_, cache_));
  }
  const auto path = (options_.directory / "db").string();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status = read_only ? rocksdb::DB::OpenForReadOnly(options, path, tables, &handles, &db)
                                : rocksdb::DB::Open(options, path, tables, &handles, &db);
  if (!status.ok()) return fail_opening(options_.directory, status, read_only_);
  // Also where others may look into the data directory, and of a store that was made when they
  // could look in here. Where it can't be done, the directory is somebody's who chose otherwise.
  std::error_code not_ours;
  if (!read_only) std::filesystem::permissions(path, std::filesystem::perms::owner_all, not_ours);
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return {};
}

Result<void> Database::load_epoch() {
  rocksdb::PinnableSlice stored;
  auto status = get(ReadTier::Disk, Table::Meta, kFormatKey, &stored);
  if (!status.ok() || decode_u64(view(stored)) != kFormatVersion) {
    return fail(ErrorCode::InvalidRequest,
                "The data directory " + options_.directory.string() +
                    " has a format that this program does not know. Use the program that wrote it, "
                    "or another directory.");
  }
  stored.Reset();
  status = get(ReadTier::Disk, Table::Meta, kEpochKey, &stored);
  if (!status.ok()) return fail_opening(options_.directory, status, read_only_);
  const auto epoch = decode_u64(view(stored));
  if (!epoch) return fail_damaged(Table::Meta, kEpochKey);
  epoch_ = static_cast<StoreEpoch>(*epoch);
  return {};
}

Result<void> Database::renew_epoch() {
  StoreEpoch epoch = new_epoch();
  while (epoch == epoch_) epoch = new_epoch();
  rocksdb::WriteOptions write;
  write.sync = true;
  const auto status = db_->Put(write, handle(Table::Meta), slice(kEpochKey), encode_u64(epoch));
  if (!status.ok()) return fail_with(status, "changing the epoch");
  epoch_ = epoch;
  return {};
}

bool is_guess(ReadTier tier, const rocksdb::Status& status, const rocksdb::Slice& value) {
  return tier == ReadTier::Memory && status.ok() && value.empty();
}

rocksdb::Status Database::get(ReadTier tier, Table table, std::string_view key,
                              rocksdb::PinnableSlice* value) const {
  rocksdb::ReadOptions options;
  if (tier == ReadTier::Memory) options.read_tier = rocksdb::kBlockCacheTier;
  const auto status = db_->Get(options, handle(table), slice(key), value);
  return is_guess(tier, status, *value) ? rocksdb::Status::Incomplete() : status;
}

std::optional<BackgroundFailure> Database::background_failure() const {
  return watcher_->failure();
}

bool Database::stalled() const { return watcher_->stopped(); }

Result<void> Database::resume() {
  const auto status = db_->Resume();
  if (!status.ok()) return fail_with(status, "going on after the disk was full");
  watcher_->forget_failure();
  return {};
}

Scan::Scan(const Database& database, ReadTier tier, Table table, std::string_view lower,
           std::string_view upper, Order order)
    : lower_key_(StoredKey().raw(lower)), upper_key_(StoredKey().raw(upper)) {
  lower_ = slice(lower_key_.view());
  upper_ = slice(upper_key_.view());
  rocksdb::ReadOptions options;
  if (tier == ReadTier::Memory) options.read_tier = rocksdb::kBlockCacheTier;
  options.iterate_lower_bound = &lower_;
  options.iterate_upper_bound = &upper_;
  options.total_order_seek = order == Order::Whole;
  rows_.reset(database.db().NewIterator(options, database.handle(table)));
}

void Scan::last() {
  // Within a prefix the end of the table must not be asked for; the bound itself is excluded.
  rows_->SeekForPrev(upper_);
  if (rows_->Valid() && rows_->key() == upper_) rows_->Prev();
}

}  // namespace tidings::rocks
