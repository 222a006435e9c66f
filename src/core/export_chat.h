#pragma once

#include <set>

#include "base/result.h"
#include "base/task.h"
#include "core/archive.h"
#include "core/chat_stores.h"
#include "core/move_progress.h"

namespace tidings {

// Writes everything that a chat holds, for ever, into an archive: accounts, blocks, service keys,
// groups, whoever is or was in them, read marks, messages and when late ones arrived. What
// can be made again is left out: sessions (people sign in again), presence, throttles, sums.
//
// Runs beside a chat that is in use. What happens meanwhile may be in the archive or not, but
// whoever and whatever a record names is in it. Remembers the id of every group (about 64 bytes
// each). One run at a time.
class ExportChat {
 public:
  ExportChat(ChatStores stores, MoveProgress progress)
      : stores_(stores), progress_(std::move(progress)) {}

  // Goes on where an earlier run with the same archive broke off. Needs a loop.
  //
  // Errors: those of the archive; Unavailable   a store did not answer for a minute
  Task<Result<void>> run(ArchiveWriter& into);

 private:
  // What a pass over all accounts does with one of them.
  using OnUser = Task<Result<void>> (ExportChat::*)(ArchiveWriter&, User);
  Task<Result<void>> for_users(ArchiveWriter& into, ArchiveKind kind, OnUser on_user);
  Task<Result<void>> add_account(ArchiveWriter& into, User user);
  Task<Result<void>> add_blocks(ArchiveWriter& into, User user);
  Task<Result<void>> add_keys(ArchiveWriter& into, User user);
  Task<Result<void>> add_memberships(ArchiveWriter& into, User user);
  Task<Result<void>> add_marks(ArchiveWriter& into, User user);

  // The same for the groups that somebody is or was in.
  using OnGroup = Task<Result<void>> (ExportChat::*)(ArchiveWriter&, GroupId);
  Task<Result<void>> for_groups(ArchiveWriter& into, ArchiveKind kind, OnGroup on_group);
  Task<Result<void>> add_group(ArchiveWriter& into, GroupId group);
  Task<Result<void>> add_messages(ArchiveWriter& into, GroupId group);
  Task<Result<void>> add_arrivals(ArchiveWriter& into, GroupId group);
  Task<Result<void>> name_erased_reactions(GroupId group, std::vector<Message>& rows);

  ChatStores stores_;
  MoveProgress progress_;
  std::set<GroupId> groups_;
  std::size_t people_ = 0;
};

}  // namespace tidings
