#include "adapters/cassandra/amendment_slots.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "adapters/cassandra/partition.h"
#include "adapters/cassandra/slot_record.h"
#include "adapters/cassandra/write_times.h"
#include "base/log.h"
#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

// More than a page of history shows.
constexpr std::size_t kTargetsPerRead = 250;
constexpr std::int32_t kRowsPerPage = 2'000;
constexpr std::size_t kReadsAtOnce = 16;

}  // namespace

Result<void> AmendmentSlots::prepare() {
  Preparing preparing(session_);
  insert_ = preparing.statement(
      "INSERT INTO amendments (group_id, width, start, target, slot, body) "
      "VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?");
  select_ = preparing.statement(
      "SELECT target, slot, body FROM amendments "
      "WHERE group_id = ? AND width = ? AND start = ? AND target IN ?");
  return preparing.result();
}

Task<Result<void>> AmendmentSlots::write(GroupId group, Amendment amendment, Time received_at,
                                         Instant deadline) {
  auto finding = registry_.writable(group, amendment.target.sent_at(), deadline);
  const Result<Bucket> bucket = co_await std::move(finding);
  if (!bucket) co_return forward(bucket);
  std::string body = encode_slot(amendment, received_at, /*erased=*/false);
  auto inserting = insert(group, *bucket, std::move(amendment), std::move(body), deadline);
  co_return co_await std::move(inserting);
}

Task<Result<void>> AmendmentSlots::erase(GroupId group, Amendment amendment, Time received_at,
                                         Instant deadline) {
  strip_body(amendment);
  const std::string body = encode_slot(amendment, received_at, /*erased=*/true);
  auto asking = registry_.around(group, moment(amendment.target.sent_at()), kAnew, deadline);
  const auto buckets = co_await std::move(asking);
  if (!buckets) co_return forward(buckets);
  for (const Bucket& bucket : *buckets) {
    auto inserting = insert(group, bucket, amendment, body, deadline);
    auto inserted = co_await std::move(inserting);
    if (!inserted) co_return inserted;
  }
  co_return Result<void>();
}

Task<Result<void>> AmendmentSlots::insert(GroupId group, Bucket bucket, Amendment amendment,
                                          std::string body, Instant deadline) {
  CqlValues values = partition(group, bucket);
  values.blob(key_bytes(amendment.target))
      .text(slot_of(amendment))
      .blob(body)
      .int64(slot_written_at(amendment.id));
  auto writing = cassandra::write(session_, insert_, std::move(values), deadline);
  co_return co_await std::move(writing);
}

Task<Result<std::vector<Amendment>>> AmendmentSlots::read(GroupId group,
                                                          std::vector<MessageId> targets,
                                                          Instant as_of, Instant deadline) {
  std::vector<Amendment> amendments;
  if (targets.empty()) co_return amendments;
  const IdRange range{targets.front(),
                      MessageId::floor(targets.back().sent_at() + milliseconds(1))};
  auto asking = registry_.around(group, range, as_of, deadline);
  const auto buckets = co_await std::move(asking);
  if (!buckets) co_return forward(buckets);

  std::vector<Task<Result<std::vector<Cell>>>> reads;
  for (const Bucket& bucket : *buckets) {
    auto first = std::ranges::lower_bound(targets, MessageId::floor(bucket.start));
    const auto end = std::ranges::lower_bound(targets, MessageId::floor(bucket.end()));
    while (first < end) {
      const auto last = first + std::min<std::ptrdiff_t>(kTargetsPerRead, end - first);
      reads.push_back(cells_in(group, bucket, {first, last}, deadline));
      first = last;
    }
  }
  auto reading = all_of(std::move(reads), kReadsAtOnce);
  auto found = co_await std::move(reading);
  if (!found) co_return forward(found);

  // The same slot may stand in several buckets; among them the rule is the same, as the id comes
  // first in a value.
  std::map<std::pair<MessageId, std::string>, std::string> winners;
  for (auto& part : *found) {
    for (Cell& cell : part) {
      std::string& winner = winners[{cell.target, std::move(cell.slot)}];
      if (winner < cell.body) winner = std::move(cell.body);
    }
  }
  amendments.reserve(winners.size());
  for (const auto& [key, body] : winners) {
    Amendment& amendment = amendments.emplace_back();
    amendment.target = key.first;
    if (decode_slot(body, amendment)) continue;
    log_error("cassandra.amendment_damaged",
              {{"group", group.to_string()}, {"target", key.first.to_string()}});
    co_return fail(ErrorCode::Internal);
  }
  co_return amendments;
}

Task<Result<std::vector<AmendmentSlots::Cell>>> AmendmentSlots::cells_in(
    GroupId group, Bucket bucket, std::vector<MessageId> targets, Instant deadline) {
  CqlValues values = partition(group, bucket);
  values.uuids(key_list(targets));
  std::vector<Cell> cells;
  auto reading = for_rows(
      session_, select_, std::move(values), deadline, kRowsPerPage, [&cells](const CqlRow& row) {
        cells.push_back(
            {MessageId{row.uuid(0)}, std::string(row.text(1)), std::string(row.blob(2))});
      });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return forward(read);
  co_return cells;
}

}  // namespace tidings::cassandra
