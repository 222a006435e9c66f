#include "adapters/rocks/rocks_store.h"

#include <atomic>
#include <thread>
#include <utility>

#include "adapters/rocks/backup.h"
#include "adapters/rocks/check.h"
#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/database.h"
#include "adapters/rocks/group_store.h"
#include "adapters/rocks/message_store.h"
#include "adapters/rocks/read_mark_store.h"
#include "adapters/rocks/reader.h"
#include "adapters/rocks/session_store.h"
#include "adapters/rocks/user_store.h"
#include "base/completion.h"

namespace tidings {

// In the order in which they need each other; destroyed the other way round.
struct RocksStore::Parts {
  explicit Parts(std::unique_ptr<rocks::Database> opened)
      : database(std::move(opened)), reader(*database), batcher(*database) {}

  std::unique_ptr<rocks::Database> database;
  rocks::Reader reader;
  rocks::CommitBatcher batcher;
  rocks::RocksMessageStore messages{*database, batcher, reader};
  rocks::RocksGroupStore groups{*database, batcher, reader};
  rocks::RocksUserStore users{*database, batcher, reader};
  rocks::RocksSessionStore sessions{*database, batcher, reader};
  rocks::RocksReadMarkStore read_marks{*database, batcher, reader};
  std::atomic<bool> busy_aside{false};
};

RocksStore::RocksStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::open(RocksOptions options) {
  auto database = rocks::Database::open(options);
  if (!database) return forward(std::move(database));
  auto parts = std::make_unique<Parts>(std::move(*database));
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(parts)));
}

MessageStore& RocksStore::messages() { return parts_->messages; }
ArrivalLog& RocksStore::arrivals() { return parts_->messages; }
GroupStore& RocksStore::groups() { return parts_->groups; }
UserStore& RocksStore::users() { return parts_->users; }
SessionStore& RocksStore::sessions() { return parts_->sessions; }
ReadMarkStore& RocksStore::read_marks() { return parts_->read_marks; }

Result<void> RocksStore::healthy() const { return parts_->batcher.healthy(); }

Result<void> RocksStore::renew_epoch() { return parts_->database->renew_epoch(); }

StoreStatistics RocksStore::statistics() const {
  const auto& database = *parts_->database;
  const auto writes = parts_->batcher.statistics();
  const auto reads = parts_->reader.statistics();
  const auto total = [&](const rocksdb::Slice& property) {
    std::uint64_t value = 0;
    database.db().GetAggregatedIntProperty(property, &value);
    return value;
  };
  const auto one = [&](rocks::Table table, const rocksdb::Slice& property) {
    std::uint64_t value = 0;
    database.db().GetIntProperty(database.handle(table), property, &value);
    return value;
  };
  using Properties = rocksdb::DB::Properties;
  return {
      .write_queue_depth = writes.queue_depth,
      .write_queue_bytes = writes.queue_bytes,
      .writes_refused = writes.refused,
      .commit_sizes = writes.batch_sizes,
      .commit_us = writes.commit_us,
      .reads_from_memory = reads.from_memory,
      .reads_from_disk = reads.from_disk,
      .reads_refused = reads.refused,
      .read_queue_depth = reads.queue_depth,
      .cache_bytes = one(rocks::Table::Messages, Properties::kBlockCacheUsage),
      .write_buffer_bytes = total(Properties::kCurSizeAllMemTables),
      .table_reader_bytes = total(Properties::kEstimateTableReadersMem),
      .disk_bytes = total(Properties::kTotalSstFilesSize) + total(Properties::kTotalBlobFileSize),
      .pending_compaction_bytes = total(Properties::kEstimatePendingCompactionBytes),
      .delayed_write_bytes_per_second =
          one(rocks::Table::Messages, Properties::kActualDelayedWriteRate),
      .writes_stopped = one(rocks::Table::Messages, Properties::kIsWriteStopped) != 0,
      .damage_met = rocks::damage_met(),
      .messages_estimate = one(rocks::Table::Messages, Properties::kEstimateNumKeys),
  };
}

// Long work has a thread of its own while it lasts, and there is one at a time.
template <class Report, class Work>
Task<Result<Report>> RocksStore::aside(Work work) {
  if (parts_->busy_aside.exchange(true)) {
    co_return fail(ErrorCode::Unavailable, "Another backup or check is under way.");
  }
  if (Loop::current() == nullptr) {
    auto result = work();
    parts_->busy_aside = false;
    co_return result;
  }
  Completion<Result<Report>> done;
  std::thread worker([&] { done.set(work()); });
  auto result = co_await done;
  worker.join();
  parts_->busy_aside = false;
  co_return result;
}

Task<Result<CopyReport>> RocksStore::backup_to(std::filesystem::path directory) {
  return aside<CopyReport>([this, directory = std::move(directory)] {
    return rocks::back_up(*parts_->database, directory);
  });
}

Result<CopyReport> RocksStore::restore(const std::filesystem::path& from,
                                       const std::filesystem::path& into) {
  return rocks::restore(from, into);
}

Task<Result<CheckReport>> RocksStore::check() {
  return aside<CheckReport>(
      [this] { return Result<CheckReport>(rocks::check(*parts_->database)); });
}

Result<CheckReport> RocksStore::check(const RocksOptions& options) {
  return rocks::check_directory(options);
}

}  // namespace tidings
