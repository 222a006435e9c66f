#pragma once

#include <memory>

#include "adapters/rocks/rocks_options.h"
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
  // Opens the store in `options.directory`, making it when there is none.
  //
  // Errors: InvalidRequest  the directory can't be written, or holds another format
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

 private:
  struct Parts;
  explicit RocksStore(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tidings
