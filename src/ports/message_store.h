#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "model/amendment.h"
#include "model/cursor.h"
#include "model/digest.h"
#include "model/message.h"

namespace tidings {

// One row of the late index: that `id` arrived at `received_at`, late.
struct LateArrival {
  Time received_at;
  MessageId id;
  auto operator<=>(const LateArrival&) const = default;
};

// Which end of a range a limited read keeps. Rows come in ascending order either way.
enum class Take { Oldest, Newest };

// As of no moment that has been: what is read is looked up anew.
inline constexpr Instant kAnew = Instant::max();

// That somebody computes the sum of a range, to seal it.
using SealTicket = std::uint64_t;

// The messages of all groups. Rows only ever appear; they are never deleted.
//
// Every method fails with Unavailable when the store did not answer within its deadline of 2 s; a
// write may then have happened. Reads see every write that was acknowledged before they began, or
// before the moment `as_of` that they are given.
class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Stores `message` and, in this order, so that a crash in between loses nothing that a retry does
  // not heal: the late index entry (when `late`), the amendment it makes (the greater id wins its
  // slot), the row and the group's head (received_at; only grows). Durable on return.
  //
  // First received wins. Returns the row that was there before, if the store saw one: then nothing
  // was written. A store that cannot see it returns nothing, and readers are shown one winner: the
  // earlier received_at.
  virtual Task<Result<std::optional<Message>>> append(Message message, bool late) = 0;

  // Writes the late index entry and the head again for a row that is there: it arrived once more.
  virtual Task<Result<void>> index_late(GroupId group, LateArrival arrival) = 0;

  // The rows of these ids (at most 1,000) that exist, ascending.
  virtual Task<Result<std::vector<Message>>> read(GroupId group, std::vector<MessageId> ids) = 0;

  // At most `limit` rows of the range, ascending, from the end that `take` says.
  virtual Task<Result<std::vector<Message>>> read_range(GroupId group, IdRange range, Take take,
                                                        std::size_t limit) = 0;

  // The same, ids alone.
  virtual Task<Result<std::vector<MessageId>>> read_ids(GroupId group, IdRange range, Take take,
                                                        std::size_t limit) = 0;

  // Late index entries after `after`, ascending by (received_at, id); at most `limit`.
  virtual Task<Result<std::vector<LateArrival>>> read_late(GroupId group, LateArrival after,
                                                           std::size_t limit) = 0;

  // The winners of all slots of these targets (ascending, at most 1,000), ordered by target: as of
  // `as_of` or later, which lets a store use what it looked up since then for the rows themselves.
  virtual Task<Result<std::vector<Amendment>>> amendments(GroupId group,
                                                          std::vector<MessageId> targets,
                                                          Instant as_of) = 0;

  // When anything last arrived in each of these groups, in their order; nothing where nothing ever
  // did.
  virtual Task<Result<std::vector<std::optional<Time>>>> heads(std::vector<GroupId> groups) = 0;

  // Moves a group's head forward without a message: its settings or members changed, or it was
  // deleted.
  virtual Task<Result<void>> touch(GroupId group, Time at) = 0;

  // Overwrites the body of a row, and of the amendment it made, with an empty marker that no replay
  // brings back.
  virtual Task<Result<void>> erase(GroupId group, MessageId id) = 0;

  // The sum of exactly this range, if seal() stored it. A row that is appended into a sealed range
  // later (an import) unseals it.
  virtual Task<Result<std::optional<DigestSum>>> sealed(GroupId group, IdRange range) = 0;
  // Whoever wants to seal a range says so before they read its rows, and seals it with the ticket.
  // A row that is appended in between makes the ticket void: the sum may lack it.
  virtual Task<Result<SealTicket>> begin_seal(GroupId group, IdRange range) = 0;
  // Stores the sum; does nothing when the ticket is void, or so old that it was forgotten.
  virtual Task<Result<void>> seal(GroupId group, IdRange range, DigestSum sum,
                                  SealTicket ticket) = 0;

  // Changes when positions in this store stop meaning what they meant: after a restore, an import
  // or a move.
  virtual StoreEpoch epoch() const = 0;
};

}  // namespace tidings
