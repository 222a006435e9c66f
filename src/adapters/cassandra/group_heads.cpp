#include "adapters/cassandra/group_heads.h"

#include <algorithm>
#include <utility>

#include "adapters/cassandra/write_times.h"
#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

// A status asks for 500 groups.
constexpr std::size_t kReadsAtOnce = 64;

}  // namespace

Result<void> GroupHeads::prepare() {
  Preparing preparing(session_);
  insert_ = preparing.statement(
      "INSERT INTO group_heads (group_id, last_updated) VALUES (?, ?) USING TIMESTAMP ?");
  select_ = preparing.statement("SELECT last_updated FROM group_heads WHERE group_id = ?");
  return preparing.result();
}

Task<Result<void>> GroupHeads::advance(GroupId group, Time at, Instant deadline) {
  Waiter waiter{at, deadline, {}};
  Batch others;
  bool waits = false;
  {
    Shard& shard = shards_.of(group);
    const std::scoped_lock lock(shard.mutex);
    const auto [flight, is_first] = shard.waiting.try_emplace(group);
    waits = !is_first;
    if (waits) flight->second.push_back(&waiter);
  }
  if (waits) {
    Told told = co_await waiter.told;
    if (!told.leads) co_return std::move(told.outcome);
    others = std::move(told.batch);
  }

  // By the earliest deadline of them, so that nobody waits beyond their own.
  for (const Waiter* other : others) {
    at = std::max(at, other->at);
    deadline = std::min(deadline, other->deadline);
  }
  auto inserting = insert(group, at, deadline);
  Result<void> outcome = co_await std::move(inserting);
  hand_over(group);
  for (Waiter* other : others) other->told.set({false, {}, outcome});
  co_return outcome;
}

void GroupHeads::hand_over(GroupId group) {
  Batch next;
  {
    Shard& shard = shards_.of(group);
    const std::scoped_lock lock(shard.mutex);
    const auto flight = shard.waiting.find(group);
    next.swap(flight->second);
    if (next.empty()) shard.waiting.erase(flight);
  }
  if (next.empty()) return;
  Waiter* const leader = next.front();
  next.erase(next.begin());
  leader->told.set({true, std::move(next), {}});
}

Task<Result<void>> GroupHeads::insert(GroupId group, Time at, Instant deadline) {
  CqlValues values;
  values.uuid(group.value).time(at).int64(head_written_at(at));
  return write(session_, insert_, std::move(values), deadline);
}

Task<Result<std::vector<std::optional<Time>>>> GroupHeads::read(std::vector<GroupId> groups,
                                                                Instant deadline) {
  std::vector<Task<Result<std::optional<Time>>>> reads;
  reads.reserve(groups.size());
  for (const GroupId group : groups) reads.push_back(read_one(group, deadline));
  auto reading = all_of(std::move(reads), kReadsAtOnce);
  co_return co_await std::move(reading);
}

Task<Result<std::optional<Time>>> GroupHeads::read_one(GroupId group, Instant deadline) {
  CqlValues values;
  values.uuid(group.value);
  auto executing = session_.execute(select_, std::move(values), CqlCall{deadline, 0, {}});
  const Result<CqlRows> rows = co_await std::move(executing);
  if (!rows) co_return forward(rows);
  if (rows->empty() || (*rows)[0].is_null(0)) co_return std::optional<Time>();
  co_return std::optional<Time>((*rows)[0].time(0));
}

}  // namespace tidings::cassandra
