#include "adapters/rocks/backup.h"

#include <rocksdb/file_checksum.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace tidings::rocks {
namespace {

bool is_absent_or_empty(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return !error;
  return std::filesystem::is_directory(directory, error) &&
         std::filesystem::is_empty(directory, error) && !error;
}

// For its owner alone: what people said is in there, and the hashes of their passwords. A directory
// that was there keeps its rights.
Result<void> make_private(const std::filesystem::path& directory) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(directory, error);
  if (!error && is_new) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  if (!error) return {};
  return fail(ErrorCode::InvalidRequest,
              directory.string() + " can't be made: " + error.message() + ".");
}

// Copying compares each file with the sum that the manifest has of it. Tables that were written by
// a version without such sums are read block by block instead.
rocksdb::Status verify_tables_without_sums(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  db.GetLiveFilesMetaData(&tables);
  const auto has_no_sum = [](const rocksdb::LiveFileMetaData& table) {
    return table.file_checksum_func_name == rocksdb::kUnknownFileChecksumFuncName;
  };
  return std::ranges::any_of(tables, has_no_sum) ? db.VerifyChecksum() : rocksdb::Status::OK();
}

void empty(const std::filesystem::path& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    std::filesystem::remove_all(entry.path(), error);
  }
}

Result<CopyReport> report_of(const rocksdb::BackupEngineReadOnlyBase& backups) {
  rocksdb::BackupInfo info;
  const auto status = backups.GetLatestBackupInfo(&info);
  if (!status.ok()) return fail_with(status, "reading the backup");
  return CopyReport{info.size, info.number_files};
}

}  // namespace

Result<CopyReport> back_up(Database& database, const std::filesystem::path& directory) {
  if (!is_absent_or_empty(directory)) {
    return fail(ErrorCode::InvalidRequest,
                directory.string() + " is there already. Name a directory that is not.");
  }
  if (auto made = make_private(directory); !made) return forward(std::move(made));
  rocksdb::BackupEngineOptions options(directory.string());
  options.sync = true;
  rocksdb::BackupEngine* opened = nullptr;
  rocksdb::Status status = rocksdb::BackupEngine::Open(options, rocksdb::Env::Default(), &opened);
  if (!status.ok()) {
    return fail(ErrorCode::InvalidRequest,
                directory.string() + " can't be written: " + status.ToString());
  }
  std::unique_ptr<rocksdb::BackupEngine> backups(opened);
  rocksdb::CreateBackupOptions create;
  create.flush_before_backup = true;
  status = verify_tables_without_sums(database.db());
  if (status.ok()) status = backups->CreateNewBackup(create, &database.db());
  if (!status.ok()) {
    // Nobody takes the rest for a backup, and the same call may be repeated.
    backups.reset();
    empty(directory);
    return fail_with(status, "backing up");
  }
  return report_of(*backups);
}

Result<CopyReport> restore(const std::filesystem::path& from, const std::filesystem::path& into) {
  std::error_code error;
  rocksdb::BackupEngineReadOnly* opened = nullptr;
  const bool is_backup = std::filesystem::is_directory(from / "meta", error);
  if (!is_backup ||
      !rocksdb::BackupEngineReadOnly::Open(rocksdb::Env::Default(),
                                           rocksdb::BackupEngineOptions(from.string()), &opened)
           .ok()) {
    return fail(ErrorCode::InvalidRequest, "There is no backup in " + from.string() + ".");
  }
  const std::unique_ptr<rocksdb::BackupEngineReadOnly> backups(opened);
  rocksdb::BackupInfo info;
  if (!backups->GetLatestBackupInfo(&info).ok()) {
    return fail(ErrorCode::Internal, "The backup in " + from.string() + " is not whole.");
  }
  if (!is_absent_or_empty(into)) {
    return fail(ErrorCode::InvalidRequest,
                into.string() + " is not empty. Restore into a directory that does not exist yet.");
  }

  // Made beside its place, so that a restore that breaks off leaves no data directory.
  auto unfinished = into;
  if (!unfinished.has_filename()) unfinished = unfinished.parent_path();
  const auto place = unfinished;
  unfinished += ".restoring";
  std::filesystem::remove_all(unfinished, error);
  if (auto made = make_private(unfinished); !made) return forward(std::move(made));
  const auto db = (unfinished / "db").string();
  auto status = backups->RestoreDBFromBackup(info.backup_id, db, db);
  if (!status.ok()) {
    std::filesystem::remove_all(unfinished, error);
    // What restoring says of a wrong checksum names no file; verifying does.
    const auto verified = backups->VerifyBackup(info.backup_id, /*verify_with_checksum=*/true);
    if (!verified.ok()) status = verified;
    return fail(ErrorCode::Internal,
                "The backup in " + from.string() + " is damaged: " + status.ToString());
  }
  {
    RocksOptions options;
    options.directory = unfinished;
    auto database = Database::open(options);
    if (!database) return forward(std::move(database));
    if (auto renewed = (*database)->renew_epoch(); !renewed) return forward(std::move(renewed));
  }
  std::filesystem::rename(unfinished, place, error);
  if (error) {
    return fail(ErrorCode::InvalidRequest, into.string() + " can't be made: " + error.message());
  }
  return CopyReport{info.size, info.number_files};
}

}  // namespace tidings::rocks
