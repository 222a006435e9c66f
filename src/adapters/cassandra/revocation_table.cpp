#include "adapters/cassandra/revocation_table.h"

#include <algorithm>

namespace tidings::cassandra {
namespace {

using std::chrono::minutes;

// The table lets rows go after 22 minutes.
constexpr milliseconds kKept = minutes(22);
// Whoever revoked may have a clock that is ahead of ours.
constexpr milliseconds kAhead = seconds(10);
constexpr std::int64_t kShards = 4;

std::int64_t minute_of(Time time) {
  return std::chrono::floor<minutes>(time).time_since_epoch().count();
}

std::int64_t shard_of(const Uuid& id) { return id.bytes[0] % kShards; }

std::vector<std::int64_t> numbers(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> all;
  for (std::int64_t number = from; number <= to; ++number) all.push_back(number);
  return all;
}

}  // namespace

Result<void> RevocationTable::prepare() {
  return session_.prepare(
      {{put_, "INSERT INTO revocations (minute, shard, at, id) VALUES (?, ?, ?, ?)", kWrite},
       {list_, "SELECT at, id FROM revocations WHERE minute IN ? AND shard IN ? AND at >= ?",
        kRowRead}});
}

Task<Result<void>> RevocationTable::put(Revocation revocation) {
  return session_.write(put_, CqlValues()
                                  .int64(minute_of(revocation.at))
                                  .int64(shard_of(revocation.id))
                                  .time(revocation.at)
                                  .uuid(revocation.id));
}

Task<Result<std::vector<Revocation>>> RevocationTable::since(Time since) {
  std::vector<Revocation> revocations;
  const Time now = session_.clock().now();
  since = std::max(since, now - kKept);
  const auto minutes = numbers(minute_of(since), minute_of(now + kAhead));
  if (minutes.empty()) co_return revocations;
  const auto rows = co_await session_.run(
      list_, CqlValues().int64s(minutes).int64s(numbers(0, kShards - 1)).time(since));
  if (!rows) co_return forward(rows);
  revocations.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i)
    revocations.push_back({(*rows)[i].uuid(1), (*rows)[i].time(0)});
  co_return revocations;
}

}  // namespace tidings::cassandra
