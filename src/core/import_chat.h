#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "core/archive.h"
#include "core/chat_stores.h"
#include "core/chat_sums.h"
#include "core/move_progress.h"

namespace tidings {

// Brings an archive into stores, so that they hold what it says: every id, author, time and order
// is kept, what was erased stays erased, and amendments rule as they did.
//
// Every write may be repeated, and the stores are asked before they are written to. So an import
// that broke off goes on where it was when it is run again, a second one changes nothing, and one
// of a newer archive makes them hold what is new. What has ended in the store (an account, a group,
// a key) stays ended, whatever the archive says. Nobody else should use the stores meanwhile. One
// run at a time.
class ImportChat {
 public:
  // Gives the stores another epoch: cursors of the chat's other life then are read as times.
  using RenewEpoch = std::function<Result<void>()>;

  struct Report {
    ChatSums archive;
    std::size_t written = 0;               // records that the stores lacked or held differently
    std::vector<std::string> differences;  // between archive and stores at the end; empty: none
  };

  ImportChat(ChatStores stores, RenewEpoch renew_epoch, ChatSums::Text text, MoveProgress progress)
      : stores_(stores),
        renew_epoch_(std::move(renew_epoch)),
        text_(text),
        progress_(std::move(progress)) {}

  // Reads the archive to its end before anything is written, then writes, renews the epoch, and
  // reads the stores to compare them with it. Needs a loop.
  //
  // Errors: InvalidRequest   the archive is damaged or not whole, or the stores hold an account
  //                          that it does not know: nothing was written
  //         NameTaken        another account has a name of the archive; the detail says which
  //         Unavailable      a store did not answer for a minute: run it again
  Task<Result<Report>> run(ArchiveReader& from);

 private:
  using Batch = std::vector<ArchiveRecord>;
  struct Overview {
    ChatSums sums;
    std::set<UserId> people;
    std::set<std::pair<UserId, UserId>> blocks;
  };
  Result<Overview> look_through(ArchiveReader& from);
  // Two chats must not become one by a slip of the hand.
  Task<Result<void>> check_people(const std::set<UserId>& known);
  // Takes back the blocks of an older archive: a block that is gone has no record.
  Task<Result<void>> lift_blocks(const Overview& archive);
  Task<Result<void>> write_all(ArchiveReader& from, std::size_t total);
  // Drops of a batch, all of one kind, what the stores hold already.
  Task<Result<void>> drop_known(Batch& batch);
  Task<Result<void>> drop_known_messages(Batch& batch);
  Task<Result<void>> drop_known_arrivals(Batch& batch);
  Task<Result<void>> drop_known_marks(Batch& batch);
  // Many at a time.
  Task<Result<void>> write_batch(const Batch& batch);
  Task<void> write_some(const Batch& batch, std::size_t& next, Result<void>& outcome);
  Task<Result<void>> write(const ArchiveRecord& record);

  Task<Result<void>> put(User user);
  Task<Result<void>> put(ArchivedBlock block);
  Task<Result<void>> put(ServiceKey key);
  Task<Result<void>> put(ArchivedGroup group);
  Task<Result<void>> put_settings(Group group);
  Task<Result<void>> put(ArchivedMember member);
  Task<Result<void>> put(ArchivedMark mark);
  Task<Result<void>> put(Message message);
  Task<Result<void>> put(ArchivedArrival arrival);

  ChatStores stores_;
  RenewEpoch renew_epoch_;
  ChatSums::Text text_;
  MoveProgress progress_;
  std::size_t written_ = 0;
};

}  // namespace tidings
