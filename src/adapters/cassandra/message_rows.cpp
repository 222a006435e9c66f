#include "adapters/cassandra/message_rows.h"

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>

#include "adapters/cassandra/partition.h"
#include "adapters/cassandra/range_walk.h"
#include "base/log.h"
#include "base/parallel.h"
#include "model/message_record.h"

namespace tidings::cassandra {
namespace {

// Rows of 64 kB may be among them.
constexpr std::size_t kIdsPerRead = 100;
constexpr std::int32_t kRowsPerPage = 250;
constexpr std::size_t kReadsAtOnce = 16;

std::unexpected<Error> damaged(GroupId group, MessageId id) {
  log_error("cassandra.row_damaged", {{"group", group.to_string()}, {"id", id.to_string()}});
  return fail(ErrorCode::Internal);
}

MessageId key_in(const CqlRow& row) { return {row.uuid(0)}; }

// Puts a copy where it belongs, unless a better one is there.
void merge(std::map<MessageId, Message>& rows, Message&& message) {
  const auto [at, is_new] = rows.try_emplace(message.id, std::move(message));
  if (!is_new && beats(message, at->second)) at->second = std::move(message);
}
void merge(std::map<MessageId, MessageId>& rows, MessageId&& id) { rows.emplace(id, id); }

// Whether `limit` rows were found that lie nearer to the end than the bound.
template <class Rows>
bool has_enough(const Rows& rows, Take take, std::size_t limit, MessageId bound) {
  if (rows.size() < limit) return false;
  const auto farthest = static_cast<std::ptrdiff_t>(limit) - 1;
  if (take == Take::Oldest) return std::next(rows.begin(), farthest)->first < bound;
  return std::next(rows.rbegin(), farthest)->first >= bound;
}

}  // namespace

bool beats(const Message& other, const Message& message) {
  if (other.erased != message.erased) return other.erased;
  if (other.received_at != message.received_at) return other.received_at < message.received_at;
  return encode(other) > encode(message);
}

Result<void> MessageRows::prepare() {
  Preparing preparing(session_);
  insert_ = preparing.statement(
      "INSERT INTO messages (group_id, width, start, id, body) VALUES (?, ?, ?, ?, ?) "
      "USING TIMESTAMP ?");
  select_by_id_ = preparing.statement(
      "SELECT id, body FROM messages WHERE group_id = ? AND width = ? AND start = ? AND id IN ?");
  select_newest_ = preparing.statement(
      "SELECT id, body FROM messages WHERE group_id = ? AND width = ? AND start = ? "
      "AND id >= ? AND id < ? LIMIT ?");
  select_oldest_ = preparing.statement(
      "SELECT id, body FROM messages WHERE group_id = ? AND width = ? AND start = ? "
      "AND id >= ? AND id < ? ORDER BY id ASC LIMIT ?");
  select_newest_ids_ = preparing.statement(
      "SELECT id FROM messages WHERE group_id = ? AND width = ? AND start = ? "
      "AND id >= ? AND id < ? LIMIT ?");
  select_oldest_ids_ = preparing.statement(
      "SELECT id FROM messages WHERE group_id = ? AND width = ? AND start = ? "
      "AND id >= ? AND id < ? ORDER BY id ASC LIMIT ?");
  return preparing.result();
}

Task<Result<void>> MessageRows::insert(Bucket bucket, GroupId group, MessageId id,
                                       std::string record, std::int64_t written_at,
                                       Instant deadline) {
  CqlValues values = partition(group, bucket);
  values.blob(key_bytes(id)).blob(record).int64(written_at);
  return write(session_, insert_, std::move(values), deadline);
}

Task<Result<std::vector<RowCopy>>> MessageRows::copies(GroupId group, std::vector<MessageId> ids,
                                                       Instant deadline) {
  std::vector<RowCopy> copies;
  if (ids.empty()) co_return copies;
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  const IdRange range{ids.front(), MessageId::floor(ids.back().sent_at() + milliseconds(1))};
  auto asking = registry_.around(group, range, kAnew, deadline);
  const auto buckets = co_await std::move(asking);
  if (!buckets) co_return forward(buckets);

  std::vector<Task<Result<std::vector<RowCopy>>>> reads;
  for (const Bucket& bucket : *buckets) {
    auto first = std::ranges::lower_bound(ids, MessageId::floor(bucket.start));
    const auto end = std::ranges::lower_bound(ids, MessageId::floor(bucket.end()));
    while (first < end) {
      const auto last = first + std::min<std::ptrdiff_t>(kIdsPerRead, end - first);
      reads.push_back(copies_in(group, bucket, {first, last}, deadline));
      first = last;
    }
  }
  auto reading = all_of(std::move(reads), kReadsAtOnce);
  auto found = co_await std::move(reading);
  if (!found) co_return forward(found);
  for (auto& part : *found) std::ranges::move(part, std::back_inserter(copies));
  co_return copies;
}

Task<Result<std::vector<RowCopy>>> MessageRows::copies_in(GroupId group, Bucket bucket,
                                                          std::vector<MessageId> ids,
                                                          Instant deadline) {
  CqlValues values = partition(group, bucket);
  values.uuids(key_list(ids));
  std::vector<RowCopy> copies;
  std::optional<MessageId> broken;
  auto reading =
      for_rows(session_, select_by_id_, std::move(values), deadline, 0, [&](const CqlRow& row) {
        Message message;
        message.id = key_in(row);
        message.group = group;
        if (!decode(row.blob(1), message)) broken = message.id;
        copies.push_back({bucket, std::move(message)});
      });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return forward(read);
  if (broken) co_return damaged(group, *broken);
  co_return copies;
}

template <class Row>
Task<Result<std::vector<Row>>> MessageRows::range_in(GroupId group, Bucket bucket, IdRange range,
                                                     Take take, std::size_t limit,
                                                     Instant deadline) {
  constexpr bool kWhole = std::is_same_v<Row, Message>;
  const CqlStatement newest = kWhole ? select_newest_ : select_newest_ids_;
  const CqlStatement oldest = kWhole ? select_oldest_ : select_oldest_ids_;
  const auto limit_bound = static_cast<std::int32_t>(limit);
  CqlValues values = partition(group, bucket);
  values.blob(key_bytes(range.from)).blob(key_bytes(range.to)).int32(limit_bound);
  const std::int32_t page_rows = kWhole && limit_bound > kRowsPerPage ? kRowsPerPage : 0;
  std::vector<Row> rows;
  std::optional<MessageId> broken;
  auto reading = for_rows(session_, take == Take::Newest ? newest : oldest, std::move(values),
                          deadline, page_rows, [&](const CqlRow& row) {
                            if constexpr (kWhole) {
                              Message& message = rows.emplace_back();
                              message.id = key_in(row);
                              message.group = group;
                              if (!decode(row.blob(1), message)) broken = message.id;
                            } else {
                              rows.push_back(key_in(row));
                            }
                          });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return forward(read);
  if (broken) co_return damaged(group, *broken);
  co_return rows;
}

template <class Row>
Task<Result<std::vector<Row>>> MessageRows::read_range(GroupId group, IdRange range, Take take,
                                                       std::size_t limit, Instant deadline) {
  std::map<MessageId, Row> rows;
  if (limit == 0 || range.from >= range.to) co_return std::vector<Row>();
  RangeWalk walk(range, take, clock_.now());
  bool must_ask = true;
  for (;;) {
    if (must_ask || walk.wants_buckets()) {
      auto asking = registry_.page(group, range, take, walk.rest(), deadline);
      auto page = co_await std::move(asking);
      if (!page) co_return forward(page);
      walk.add(std::move(*page));
      must_ask = false;
      continue;
    }
    const auto bound = walk.bound();
    if (!bound || has_enough(rows, take, limit, *bound)) break;
    std::vector<Task<Result<std::vector<Row>>>> reads;
    for (const Bucket& bucket : walk.next_buckets()) {
      reads.push_back(range_in<Row>(group, bucket, range, take, limit, deadline));
    }
    auto reading = all_of(std::move(reads), kReadsAtOnce);
    auto found = co_await std::move(reading);
    if (!found) co_return forward(found);
    for (auto& part : *found) {
      for (Row& row : part) merge(rows, std::move(row));
    }
  }

  std::vector<Row> kept;
  const std::size_t count = std::min(limit, rows.size());
  const std::size_t passed = take == Take::Newest ? rows.size() - count : 0;
  auto at = std::next(rows.begin(), static_cast<std::ptrdiff_t>(passed));
  kept.reserve(count);
  for (std::size_t i = 0; i < count; ++i, ++at) kept.push_back(std::move(at->second));
  co_return kept;
}

template Task<Result<std::vector<Message>>> MessageRows::read_range<Message>(GroupId, IdRange, Take,
                                                                             std::size_t, Instant);
template Task<Result<std::vector<MessageId>>> MessageRows::read_range<MessageId>(GroupId, IdRange,
                                                                                 Take, std::size_t,
                                                                                 Instant);

}  // namespace tidings::cassandra
