#pragma once

#include <filesystem>
#include <memory>

#include "adapters/rocks/rocks_options.h"
#include "adapters/rocks/store_reports.h"
#include "base/result.h"
#include "ports/arrival_log.h"
#include "ports/group_store.h"
#include "ports/message_store.h"
#include "ports/read_mark_store.h"
#include "ports/session_store.h"
#include "ports/user_store.h"

namespace tidings {

// Everything that one machine keeps, in one directory: the stores of the chat on RocksDB.
//
// Safe from any thread. All coroutines that use it must have ended before it is destroyed; then it
// commits what waits and closes so that the next start is quick.
class RocksStore {
 public:
  // Opens the store in `options.directory`, making it when that is empty or does not exist.
  //
  // Errors: InvalidRequest  the directory can't be written, holds another format, a backup or
  //                         somebody's files
  //         Unavailable     another process uses it
  //         Internal        it is damaged
  // The detail is a sentence for the person who started the program; it says what to do.
  static Result<std::unique_ptr<RocksStore>> open(RocksOptions options);
  ~RocksStore();
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  MessageStore& messages();
  ArrivalLog& arrivals();
  GroupStore& groups();
  UserStore& users();
  SessionStore& sessions();
  ReadMarkStore& read_marks();

  // Nothing while writes are accepted; else why not (the disk is full, a write failed). Reads go on
  // either way.
  Result<void> healthy() const;
  StoreStatistics statistics() const;

  // Gives the store another epoch, at the end of an import: cursors of another life are then read
  // as times. Only while nobody else uses the store. Errors: Unavailable
  Result<void> renew_epoch();

  // Copies the store, as it is at this moment, into a directory that does not exist yet or is
  // empty; writes go on meanwhile.
  //
  // Errors: InvalidRequest  the directory is not empty or can't be written
  //         Unavailable     copying failed, or another backup or check is under way
  //         Internal        the store is damaged; the detail says which file
  Task<Result<CopyReport>> backup_to(std::filesystem::path directory);
  // Makes the data directory `into`, which does not exist yet or is empty, from a backup, with a
  // new epoch. Blocks. Errors: InvalidRequest, Internal (the backup is damaged)
  static Result<CopyReport> restore(const std::filesystem::path& from,
                                    const std::filesystem::path& into);

  // Reads everything and compares the tables with each other, as they are at this moment.
  // Errors: Unavailable   another backup or check is under way
  Task<Result<CheckReport>> check();
  // The same for a store that nobody has open and that may be damaged. Blocks; changes nothing.
  // Errors: InvalidRequest (another format), Unavailable (there is none, or it is in use)
  static Result<CheckReport> check(const RocksOptions& options);

 private:
  struct Parts;
  template <class Report, class Work>
  Task<Result<Report>> aside(Work work);
  explicit RocksStore(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tidings
