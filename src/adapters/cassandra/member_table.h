#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/cassandra/timed_session.h"
#include "model/group.h"

namespace tidings::cassandra {

// The table group_members: who is, or was, in a group. It decides; what user_groups says follows.
//
// A partition is (group, shard). The first 1,000 who ever were in a group are in shard 0, which is
// closed then; everybody after them is in the shard of the first byte of their id (ids are random).
// So each has one place for ever, whoever races: shard 0 takes a new row only by a transaction that
// compares how many rows it has. And the shards from 1 on are in the order of user ids: a page
// reads a few of them one after the other, beside shard 0.
//
// Each partition counts itself (`rows`, and `size`: those who are in) within the same transactions.
// Errors of all methods: Unavailable, and Internal for a damaged row. Safe from any thread.
class MemberTable {
 public:
  // Where the row of somebody is or would be, and what stands there.
  struct Place {
    std::int64_t shard = 0;
    std::uint64_t version = 0;  // 0: there is no row
    bool is_in = false;
    std::int32_t rows = 0;
    std::int32_t size = 0;
  };

  MemberTable(CqlSession& session, const Clock& clock) : session_(session, clock) {}
  Result<void> prepare();

  Task<Result<std::optional<Member>>> find(GroupId group, UserId user);
  Task<Result<Place>> locate(GroupId group, UserId user);
  // Stores `member` with the next version where `place` says, if all is still as it says there;
  // false when it is not, perhaps only because somebody else came or went: locate again.
  Task<Result<bool>> store(GroupId group, Member member, Place place);

  Task<Result<std::vector<Member>>> page(GroupId group, UserId after, std::size_t limit,
                                         Time changed_since);
  // Of a group with more than shard 0, other workers' changes of the last 5 s may not be counted.
  Task<Result<std::size_t>> count(GroupId group);

 private:
  struct Tally {
    std::int32_t rows = 0;
    std::int32_t size = 0;
  };
  struct Listed {
    std::vector<Member> members;
    std::optional<std::int32_t> rows;  // of the partition; nothing when it had no row to say so
  };
  struct RecentSize {
    std::size_t size;
    Instant until;
  };

  Task<Result<std::optional<std::pair<Member, Tally>>>> find_in(GroupId group, std::int64_t shard,
                                                                UserId user);
  Task<Result<Tally>> tally(GroupId group, std::int64_t shard);
  Task<Result<Place>> locate_in(GroupId group, std::int64_t shard, UserId user);
  Task<Result<Listed>> list_first(GroupId group, UserId after, std::size_t limit,
                                  Time changed_since);
  Task<Result<std::vector<Member>>> list_rest(GroupId group, UserId after, std::size_t limit,
                                              Time changed_since);
  Task<Result<std::size_t>> count_rest(GroupId group);

  std::optional<std::size_t> recent_size(GroupId group);
  void remember_size(GroupId group, std::size_t size);
  void forget_size(GroupId group);

  TimedSession session_;
  CqlStatement find_;
  CqlStatement tally_;
  CqlStatement list_first_;
  CqlStatement list_rest_;
  CqlStatement sizes_;
  CqlStatement insert_first_;
  CqlStatement insert_;
  CqlStatement move_;
  CqlStatement set_;

  std::mutex mutex_;
  std::unordered_map<GroupId, RecentSize> recent_sizes_;
};

}  // namespace tidings::cassandra
