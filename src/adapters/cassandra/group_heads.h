#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/cassandra/statements.h"
#include "base/completion.h"
#include "base/sharded.h"
#include "model/ids.h"

namespace tidings::cassandra {

// The table group_heads: when anything last arrived in a group.
//
// Of each group one write is under way at a time. Those who come meanwhile wait, and are then
// written together as one: the latest of them, which is all that a head keeps. A group in which a
// hundred people speak at once so costs a few writes.
//
// Safe from any thread. Errors of every method: Unavailable.
class GroupHeads {
 public:
  explicit GroupHeads(CqlSession& session) : session_(session) {}
  Result<void> prepare();

  // The head is `at` or later then.
  Task<Result<void>> advance(GroupId group, Time at, Instant deadline);
  // In the order of the groups; nothing where nothing ever arrived.
  Task<Result<std::vector<std::optional<Time>>>> read(std::vector<GroupId> groups,
                                                      Instant deadline);

 private:
  // One who waits for the write under way to end. They are told how theirs went, or that they are
  // to write for all of `batch`.
  struct Waiter;
  using Batch = std::vector<Waiter*>;
  struct Told {
    bool leads = false;
    Batch batch;
    Result<void> outcome;
  };
  struct Waiter {
    Time at;
    Instant deadline;
    Completion<Told> told;
  };
  struct alignas(64) Shard {
    std::mutex mutex;
    std::unordered_map<GroupId, Batch> waiting;  // of the groups that are being written
  };

  // Lets the first of those who came meanwhile write for them.
  void hand_over(GroupId group);
  Task<Result<void>> insert(GroupId group, Time at, Instant deadline);
  Task<Result<std::optional<Time>>> read_one(GroupId group, Instant deadline);

  CqlSession& session_;
  CqlStatement insert_;
  CqlStatement select_;
  Sharded<Shard> shards_;
};

}  // namespace tidings::cassandra
