#include "core/round_reads.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/completion.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/sharded.h"
#include "core/answer_size.h"

namespace tidings {
namespace {

// Rows that are read whole at once, because most rounds need no others.
constexpr std::size_t kNewestMax = 64;
// Ids along the sent axis: more than a round may return, because most of them may stand in slots
// that were returned before.
constexpr std::size_t kIdsMax = 4 * kRoundRowsMax;
// Somebody who was away for longer shares little with the others, and reads alone.
constexpr milliseconds kSharesWithin = seconds(60);
// Finished reads that are kept for a moment: so many in each shard, and none that is large.
constexpr std::size_t kKeptMax = 16;
constexpr std::size_t kKeptBytesMax = 256 * 1024;

using Read = std::shared_ptr<const RoundRead>;
using Outcome = Result<Read>;

struct Waiter;
using Batch = std::vector<Waiter*>;

// A reader that waits for the read under way to end. It is told what the next one found, or that it
// is to make it, for all who wait.
struct Waiter {
  RoundStart start;
  Completion<std::variant<Outcome, Batch>> told;
};

struct Flight {
  bool is_reading = false;
  Batch waiting;
  Batch joined;  // only without the rule that says to wait for the next read
};

}  // namespace

struct RoundReads::Impl {
  struct alignas(64) Shard {
    std::mutex mutex;
    std::unordered_map<GroupId, Flight> flights;
    std::unordered_map<GroupId, Read> kept;
  };

  MessageStore& messages;
  const ClockGuard* const clock_guard;
  const Clock& clock;
  const RoundRules rules;
  Sharded<Shard> shards;

  // By both clocks: the wall clock may have been set back since, and the monotonic one stands still
  // while the machine sleeps.
  bool is_young(const RoundRead& read) const {
    return clock.monotonic() - read.begun <= kRoundReuseMax &&
           clock.now() - read.begin <= kRoundReuseMax;
  }
  void keep(Shard& shard, GroupId group, Read read);

  Task<Outcome> look(GroupId group, RoundStart start);
  Task<Result<void>> look_at_sent(GroupId group, RoundRead& read);
  Task<Outcome> look_safely(GroupId group, RoundStart start);
  Task<Outcome> lead(GroupId group, RoundStart own, Batch others, bool keep_it);
};

RoundReads::RoundReads(MessageStore& messages, const ClockGuard* clock_guard, const Clock& clock,
                       RoundRules rules)
    : impl_(new Impl{messages, clock_guard, clock, rules, {}}) {}

RoundReads::~RoundReads() = default;

Task<Result<Read>> RoundReads::read(GroupId group, RoundStart start, bool keep) {
  Impl& self = *impl_;
  if (self.clock.now() - start.late_after.received_at > kSharesWithin) {
    co_return co_await self.look(group, start);
  }

  Waiter waiter{start, {}};
  Impl::Shard& shard = self.shards.of(group);
  std::unique_lock lock(shard.mutex);
  Flight& flight = shard.flights[group];
  const bool leads = !flight.is_reading;
  if (leads) {
    flight.is_reading = true;
  } else {
    (self.rules.wait_for_next_read ? flight.waiting : flight.joined).push_back(&waiter);
  }
  lock.unlock();

  Batch others;
  if (!leads) {
    auto told = co_await waiter.told;
    if (std::holds_alternative<Batch>(told)) {
      others = std::get<Batch>(std::move(told));
    } else {
      auto found = std::get<Outcome>(std::move(told));
      if (!found || serves(**found, start)) co_return found;
      co_return co_await self.look(group, start);
    }
  }
  co_return co_await self.lead(group, start, std::move(others), keep);
}

Read RoundReads::finished(GroupId group, RoundStart start, Time begun_from) const {
  Impl::Shard& shard = impl_->shards.of(group);
  const std::scoped_lock lock(shard.mutex);
  const auto kept = shard.kept.find(group);
  if (kept == shard.kept.end()) return nullptr;
  const RoundRead& read = *kept->second;
  const bool is_good = impl_->is_young(read) && read.begin >= begun_from && serves(read, start);
  return is_good ? kept->second : nullptr;
}

// Reads for `own` and the others, tells them, and hands the lead to those who came meanwhile.
Task<Outcome> RoundReads::Impl::lead(GroupId group, RoundStart own, Batch others, bool keep_it) {
  RoundStart start = own;
  for (const Waiter* other : others) {
    start.sent_from = std::min(start.sent_from, other->start.sent_from);
    start.late_after = std::min(start.late_after, other->start.late_after);
  }
  Outcome found = co_await look_safely(group, start);

  Batch next;
  {
    Shard& shard = shards.of(group);
    const std::scoped_lock lock(shard.mutex);
    if (found && keep_it) keep(shard, group, *found);
    const auto flight = shard.flights.find(group);
    others.insert(others.end(), flight->second.joined.begin(), flight->second.joined.end());
    flight->second.joined.clear();
    next.swap(flight->second.waiting);
    if (next.empty()) shard.flights.erase(flight);
  }
  if (!next.empty()) {
    Waiter* const leader = next.front();
    next.erase(next.begin());
    leader->told.set(std::move(next));
  }
  for (Waiter* other : others) other->told.set(found);
  if (found && !serves(**found, own)) co_return co_await look(group, own);
  co_return found;
}

void RoundReads::Impl::keep(Shard& shard, GroupId group, Read read) {
  std::size_t bytes = read->sent.size() * sizeof(MessageId);
  for (const Message& message : read->newest) bytes += answer_bytes(message);
  if (bytes > kKeptBytesMax) return;
  if (shard.kept.size() >= kKeptMax) {
    std::erase_if(shard.kept, [this](const auto& entry) { return !is_young(*entry.second); });
  }
  if (shard.kept.size() < kKeptMax) shard.kept.insert_or_assign(group, std::move(read));
}

// Whatever happens, those who wait are told.
Task<Outcome> RoundReads::Impl::look_safely(GroupId group, RoundStart start) {
  try {
    co_return co_await look(group, start);
  } catch (const std::exception& error) {
    log_error("sync.read_failed", {{"error", error.what()}});
  }
  co_return fail(ErrorCode::Internal);
}

Task<Outcome> RoundReads::Impl::look(GroupId group, RoundStart start) {
  auto read = std::make_shared<RoundRead>();
  read->begun = clock.monotonic();
  read->begin = clock.now();
  read->start = start;
  if (clock_guard != nullptr && !clock_guard->in()) co_return clock_is_out();

  auto reading = both(look_at_sent(group, *read),
                      messages.read_late(group, start.late_after, kRoundRowsMax + 1));
  auto [sent, late] = co_await std::move(reading);
  if (!sent) co_return forward(sent);
  if (!late) co_return forward(late);
  read->late_is_cut = late->size() > kRoundRowsMax;
  read->late = std::move(*late);
  if (!rules.watermark_is_begin_of_read) read->begin = clock.now();
  co_return Read(std::move(read));
}

Task<Result<void>> RoundReads::Impl::look_at_sent(GroupId group, RoundRead& read) {
  IdRange range{read.start.sent_from, kLastMessageId};
  auto newest = co_await messages.read_range(group, range, Take::Newest, kNewestMax);
  if (!newest) co_return forward(newest);
  read.newest = std::move(*newest);
  if (read.newest.size() == kNewestMax) {
    range.to = read.newest.front().id;
    auto older = co_await messages.read_ids(group, range, Take::Newest, kIdsMax + 1);
    if (!older) co_return forward(older);
    read.sent_is_cut = older->size() > kIdsMax;
    read.sent = std::move(*older);
  }
  for (const Message& message : read.newest) read.sent.push_back(message.id);
  co_return Result<void>();
}

}  // namespace tidings
