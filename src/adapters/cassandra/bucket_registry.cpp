#include "adapters/cassandra/bucket_registry.h"

#include <algorithm>

#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

// Of all but the busiest groups this is more than there are.
constexpr std::int32_t kPageRows = 256;
// There are fourteen a year at most.
constexpr std::int32_t kWideMax = 10'000;

constexpr std::int8_t kWide = 1;
constexpr std::int8_t kNarrow = 2;
constexpr std::int8_t kLateHour = 3;
constexpr std::int8_t kHourWidth = 2;

CqlValues within(GroupId group, Time ends_after, Time ends_until, std::int32_t limit) {
  CqlValues values;
  values.uuid(group.value).time(ends_after).time(ends_until).int32(limit);
  return values;
}

CqlValues within(GroupId group, std::int8_t kind, Time ends_after, Time ends_until,
                 std::int32_t limit) {
  CqlValues values;
  values.uuid(group.value).int8(kind).time(ends_after).time(ends_until).int32(limit);
  return values;
}

}  // namespace

Result<void> BucketRegistry::prepare() {
  Preparing preparing(session_);
  insert_ = preparing.statement(
      "INSERT INTO group_buckets (group_id, kind, ends_at, width) VALUES (?, ?, ?, ?)");
  select_both_ = preparing.statement(
      "SELECT ends_at, width FROM group_buckets WHERE group_id = ? AND kind IN (1, 2) "
      "AND ends_at > ? AND ends_at <= ? LIMIT ?");
  select_newest_ = preparing.statement(
      "SELECT ends_at, width FROM group_buckets WHERE group_id = ? AND kind = ? "
      "AND ends_at > ? AND ends_at <= ? LIMIT ?");
  select_oldest_ = preparing.statement(
      "SELECT ends_at, width FROM group_buckets WHERE group_id = ? AND kind = ? "
      "AND ends_at > ? AND ends_at <= ? ORDER BY kind DESC, ends_at ASC, width DESC LIMIT ?");
  return preparing.result();
}

Task<Result<Bucket>> BucketRegistry::writable(GroupId group, Time sent_at, Instant deadline) {
  if (const auto known = memory_.usable(group, sent_at)) co_return *known;
  // Another worker may have registered one that serves.
  auto asking = page(group, moment(sent_at), Take::Oldest, {}, deadline);
  const Result<BucketPage> found = co_await std::move(asking);
  if (!found) co_return forward(found);
  memory_.learn(group, found->buckets);
  if (const auto known = memory_.usable(group, sent_at)) co_return *known;

  const Bucket bucket = memory_.advised(group, sent_at);
  auto inserting = insert(group, bucket.is_wide() ? kWide : kNarrow, bucket, deadline);
  const Result<void> inserted = co_await std::move(inserting);
  if (!inserted) co_return forward(inserted);
  memory_.learn(group, std::span(&bucket, 1));
  co_return bucket;
}

Task<Result<BucketPage>> BucketRegistry::page(GroupId group, IdRange range, Take take,
                                              std::optional<Time> from, Instant deadline) {
  const Time ends_after = range.from.sent_at();
  const Time starts_until = range.to.sent_at();
  const Instant asked = clock_.monotonic();
  const bool newest = take == Take::Newest;
  BucketPage page;
  if (!from) {
    auto both = select(select_both_,
                       within(group, ends_after, starts_until + kWidestOfAll, kPageRows), deadline);
    auto found = co_await std::move(both);
    if (!found) co_return forward(found);
    page.buckets = std::move(*found);
  }
  const bool is_cut = page.buckets.size() == kPageRows;
  // All wide ones come first, and then the newest narrow ones: enough, if they reach into the
  // range.
  if (is_cut && newest && !page.buckets.back().is_wide() &&
      page.buckets.back().end() <= starts_until + kWidestNarrow) {
    page.rest = page.buckets.back().end();
  }
  if (from || (is_cut && !page.rest)) {
    const Time after = from && !newest ? *from - milliseconds(1) : ends_after;
    const Time until = from && newest ? *from : starts_until + kWidestNarrow;
    std::vector<Task<Result<std::vector<Bucket>>>> reads;
    reads.push_back(select(newest ? select_newest_ : select_oldest_,
                           within(group, kNarrow, after, until, kPageRows), deadline));
    if (!from) {
      reads.push_back(select(
          select_newest_, within(group, kWide, ends_after, starts_until + kWidestOfAll, kWideMax),
          deadline));
    }
    auto reading = all_of(std::move(reads), 2);
    auto found = co_await std::move(reading);
    if (!found) co_return forward(found);
    page.buckets = std::move(found->front());
    if (page.buckets.size() == kPageRows) page.rest = page.buckets.back().end();
    if (!from) page.buckets.insert(page.buckets.end(), (*found)[1].begin(), (*found)[1].end());
  }
  std::erase_if(page.buckets, [&range](const Bucket& bucket) { return !bucket.overlaps(range); });
  if (!from && !page.rest) recent_.keep(group, range, asked, page.buckets);
  co_return page;
}

Task<Result<std::vector<Bucket>>> BucketRegistry::around(GroupId group, IdRange range,
                                                         Instant as_of, Instant deadline) {
  if (auto known = recent_.find(group, range, as_of)) co_return std::move(*known);
  std::vector<Bucket> buckets;
  std::optional<Time> from;
  do {
    auto asking = page(group, range, Take::Newest, from, deadline);
    auto found = co_await std::move(asking);
    if (!found) co_return forward(found);
    buckets.insert(buckets.end(), found->buckets.begin(), found->buckets.end());
    from = found->rest;
  } while (from);
  std::ranges::sort(buckets);
  const auto repeated = std::ranges::unique(buckets);
  buckets.erase(repeated.begin(), repeated.end());
  co_return buckets;
}

Task<Result<void>> BucketRegistry::register_hour(GroupId group, Time hour, Instant deadline) {
  if (memory_.knows_hour(group, hour)) co_return Result<void>();
  auto inserting = insert(group, kLateHour, Bucket{kHourWidth, hour}, deadline);
  auto inserted = co_await std::move(inserting);
  if (inserted) memory_.learn_hour(group, hour);
  co_return inserted;
}

Task<Result<std::vector<Time>>> BucketRegistry::hours(GroupId group, Time after, std::size_t limit,
                                                      Instant deadline) {
  auto selecting = select(
      select_oldest_,
      within(group, kLateHour, after, Time::max(), static_cast<std::int32_t>(limit)), deadline);
  const auto found = co_await std::move(selecting);
  if (!found) co_return forward(found);
  std::vector<Time> hours;
  for (const Bucket& hour : *found) hours.push_back(hour.start);
  co_return hours;
}

Task<Result<void>> BucketRegistry::insert(GroupId group, std::int8_t kind, Bucket bucket,
                                          Instant deadline) {
  CqlValues values;
  values.uuid(group.value).int8(kind).time(bucket.end()).int8(bucket.width);
  return write(session_, insert_, std::move(values), deadline);
}

Task<Result<std::vector<Bucket>>> BucketRegistry::select(CqlStatement statement, CqlValues values,
                                                         Instant deadline) {
  auto executing = session_.execute(statement, std::move(values), CqlCall{deadline, 0, {}});
  const Result<CqlRows> rows = co_await std::move(executing);
  if (!rows) co_return forward(rows);
  std::vector<Bucket> buckets;
  buckets.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const CqlRow row = (*rows)[i];
    const std::int8_t width = row.int8(1);
    // Of a later program.
    if (width < 0 || width > kWidest) co_return fail(ErrorCode::Internal, "unknown bucket width");
    buckets.push_back(Bucket::ending_at(row.time(0), width));
  }
  co_return buckets;
}

}  // namespace tidings::cassandra
