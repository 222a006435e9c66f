#include "adapters/cassandra/late_index.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/cassandra/partition.h"
#include "adapters/cassandra/write_times.h"
#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

constexpr milliseconds kHour = std::chrono::hours(1);
// Whoever reads from before asks which hours hold anything.
constexpr milliseconds kRecent = 2 * kHour;
// More than workers' clocks may differ.
constexpr milliseconds kAhead = seconds(10);
constexpr std::size_t kHoursPerRead = 16;
constexpr std::size_t kReadsAtOnce = 4;

Time hour_of(Time time) { return from_ms(to_ms(time) - to_ms(time) % kHour.count()); }

}  // namespace

Result<void> LateIndex::prepare() {
  Preparing preparing(session_);
  insert_ = preparing.statement(
      "INSERT INTO late_arrivals (group_id, hour, received_at, id) VALUES (?, ?, ?, ?) "
      "USING TIMESTAMP ?");
  select_ = preparing.statement(
      "SELECT received_at, id FROM late_arrivals WHERE group_id = ? AND hour = ? "
      "AND (received_at, id) > (?, ?) LIMIT ?");
  return preparing.result();
}

Task<Result<void>> LateIndex::write(GroupId group, LateArrival arrival, Instant deadline) {
  const Time hour = hour_of(arrival.received_at);
  auto registering = registry_.register_hour(group, hour, deadline);
  auto registered = co_await std::move(registering);
  if (!registered) co_return registered;
  CqlValues values;
  values.uuid(group.value)
      .time(hour)
      .time(arrival.received_at)
      .blob(key_bytes(arrival.id))
      .int64(to_us(arrival.received_at));
  auto writing = cassandra::write(session_, insert_, std::move(values), deadline);
  co_return co_await std::move(writing);
}

Task<Result<LateIndex::Arrivals>> LateIndex::read(GroupId group, LateArrival after,
                                                  std::size_t limit, Instant deadline) {
  const Time now = clock_.now();
  if (limit == 0) co_return Arrivals();
  if (after.received_at > now - kRecent) {
    std::vector<Time> hours;
    const Time last = std::max(now, after.received_at) + kAhead;
    for (Time hour = hour_of(after.received_at); hour <= last; hour += kHour) hours.push_back(hour);
    auto reading = read_hours(group, std::move(hours), after, limit, deadline);
    co_return co_await std::move(reading);
  }

  Arrivals arrivals;
  Time passed = after.received_at;
  while (arrivals.size() < limit) {
    auto asking = registry_.hours(group, passed, kHoursPerRead, deadline);
    const auto hours = co_await std::move(asking);
    if (!hours) co_return forward(hours);
    // Little by little: the first of them may hold all that is wanted.
    for (std::size_t i = 0; i < hours->size() && arrivals.size() < limit; i += kReadsAtOnce) {
      const auto first = hours->begin() + static_cast<std::ptrdiff_t>(i);
      const auto end = first + std::min<std::ptrdiff_t>(kReadsAtOnce, hours->end() - first);
      const std::size_t lacking = limit - arrivals.size();
      auto reading = read_hours(group, {first, end}, after, lacking, deadline);
      auto found = co_await std::move(reading);
      if (!found) co_return forward(found);
      std::ranges::move(*found, std::back_inserter(arrivals));
    }
    if (hours->size() < kHoursPerRead) break;
    passed = hours->back() + kHour;
  }
  co_return arrivals;
}

Task<Result<LateIndex::Arrivals>> LateIndex::read_hours(GroupId group, std::vector<Time> hours,
                                                        LateArrival after, std::size_t limit,
                                                        Instant deadline) {
  std::vector<Task<Result<Arrivals>>> reads;
  reads.reserve(hours.size());
  for (const Time hour : hours) reads.push_back(read_hour(group, hour, after, limit, deadline));
  auto reading = all_of(std::move(reads), kReadsAtOnce);
  const auto found = co_await std::move(reading);
  if (!found) co_return forward(found);
  Arrivals arrivals;
  for (const Arrivals& part : *found) {
    arrivals.insert(arrivals.end(), part.begin(), part.end());
  }
  if (arrivals.size() > limit) arrivals.resize(limit);
  co_return arrivals;
}

Task<Result<LateIndex::Arrivals>> LateIndex::read_hour(GroupId group, Time hour, LateArrival after,
                                                       std::size_t limit, Instant deadline) {
  CqlValues values;
  values.uuid(group.value)
      .time(hour)
      .time(after.received_at)
      .blob(key_bytes(after.id))
      .int32(static_cast<std::int32_t>(limit));
  Arrivals arrivals;
  auto reading =
      for_rows(session_, select_, std::move(values), deadline, 0, [&arrivals](const CqlRow& row) {
        arrivals.push_back({row.time(0), MessageId{row.uuid(1)}});
      });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return forward(read);
  co_return arrivals;
}

}  // namespace tidings::cassandra
