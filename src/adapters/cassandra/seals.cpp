#include "adapters/cassandra/seals.h"

#include <algorithm>
#include <string>
#include <utility>

#include "adapters/cassandra/partition.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/random.h"
#include "model/message_record.h"

namespace tidings::cassandra {
namespace {

using std::chrono::hours;

constexpr milliseconds kMaybeSealedAfter = hours(24 * 28);
constexpr milliseconds kSealableAfter = hours(24 * 29);
constexpr milliseconds kLongest = hours(24 * 28);
constexpr std::int64_t kPeriodMs = 364 * kDayMs;
// An open ticket stays in the table for a day (its TTL) and may be used for an hour.
constexpr milliseconds kTicketLife = hours(1);
constexpr int kRandomBits = 22;
constexpr std::size_t kWritesAtOnce = 16;

std::int32_t period_of(Time time) { return static_cast<std::int32_t>(to_ms(time) / kPeriodMs); }

// The time of its making, and chance: no two are equal.
SealTicket new_ticket(Time now) {
  const std::string bytes = random_bytes(4);
  const auto chance = ByteReader(bytes).u32() >> (32 - kRandomBits);
  return static_cast<SealTicket>(to_ms(now)) << kRandomBits | chance;
}
Time made_at(SealTicket ticket) {
  return from_ms(static_cast<std::int64_t>(ticket >> kRandomBits));
}

CqlValues key_of(GroupId group, const IdRange& range) {
  CqlValues values;
  values.uuid(group.value)
      .int32(period_of(range.from.sent_at()))
      .blob(key_bytes(range.from))
      .blob(key_bytes(range.to));
  return values;
}

}  // namespace

Result<void> Seals::prepare() {
  Preparing preparing(session_);
  open_ = preparing.statement(
      "INSERT INTO sealed_sums (group_id, period, from_id, to_id, ticket) VALUES (?, ?, ?, ?, ?) "
      "USING TTL 86400");
  add_sum_ = preparing.statement(
      "INSERT INTO sealed_sums (group_id, period, from_id, to_id, ticket, sum) "
      "VALUES (?, ?, ?, ?, ?, ?)");
  break_ = preparing.statement(
      "INSERT INTO sealed_sums (group_id, period, from_id, to_id, ticket, broken) "
      "VALUES (?, ?, ?, ?, ?, true)");
  select_ = preparing.statement(
      "SELECT sum, broken FROM sealed_sums "
      "WHERE group_id = ? AND period = ? AND from_id = ? AND to_id = ?");
  select_around_ = preparing.statement(
      "SELECT from_id, to_id, ticket, broken FROM sealed_sums "
      "WHERE group_id = ? AND period = ? AND from_id >= ? AND from_id <= ?");
  return preparing.result();
}

bool Seals::is_sealable(const IdRange& range) const {
  return range.from < range.to && clock_.now() - range.to.sent_at() > kSealableAfter &&
         range.to.sent_at() - range.from.sent_at() <= kLongest;
}

bool Seals::may_be_sealed(MessageId id) const {
  return clock_.now() - id.sent_at() > kMaybeSealedAfter;
}

Task<Result<std::optional<DigestSum>>> Seals::sealed(GroupId group, IdRange range,
                                                     Instant deadline) {
  std::optional<DigestSum> found;
  if (!is_sealable(range)) co_return found;
  auto executing = session_.execute(select_, key_of(group, range), CqlCall{deadline, 0, {}});
  const Result<CqlRows> rows = co_await std::move(executing);
  if (!rows) co_return forward(rows);
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const CqlRow row = (*rows)[i];
    if (row.is_null(0) || row.boolean(1)) continue;
    DigestSum sum;
    if (!decode(row.blob(0), sum)) {
      log_error("cassandra.sum_damaged", {{"group", group.to_string()}});
      continue;  // it can be computed again
    }
    found = sum;
  }
  co_return found;
}

Task<Result<SealTicket>> Seals::begin(GroupId group, IdRange range, Instant deadline) {
  const SealTicket ticket = new_ticket(clock_.now());
  if (!is_sealable(range)) co_return ticket;
  CqlValues values = key_of(group, range);
  values.int64(static_cast<std::int64_t>(ticket));
  auto opening = write(session_, open_, std::move(values), deadline);
  const Result<void> opened = co_await std::move(opening);
  if (!opened) co_return forward(opened);
  co_return ticket;
}

Task<Result<void>> Seals::seal(GroupId group, IdRange range, DigestSum sum, SealTicket ticket,
                               Instant deadline) {
  const milliseconds age = clock_.now() - made_at(ticket);
  if (!is_sealable(range) || age > kTicketLife || age < -kTicketLife) co_return Result<void>();
  CqlValues values = key_of(group, range);
  values.int64(static_cast<std::int64_t>(ticket)).blob(encode(sum));
  auto adding = write(session_, add_sum_, std::move(values), deadline);
  co_return co_await std::move(adding);
}

Task<Result<void>> Seals::unseal(GroupId group, MessageId id, Instant deadline) {
  std::vector<Task<Result<std::vector<Ticket>>>> reads;
  const std::int32_t period = period_of(id.sent_at());
  const std::int32_t first = period_of(id.sent_at() - kLongest);
  reads.push_back(unbroken_around(group, period, id, deadline));
  if (first != period) reads.push_back(unbroken_around(group, first, id, deadline));
  auto reading = all_of(std::move(reads), 2);
  const auto found = co_await std::move(reading);
  if (!found) co_return forward(found);

  std::vector<Task<Result<bool>>> writes;
  for (const auto& tickets : *found) {
    for (const Ticket& ticket : tickets) writes.push_back(break_ticket(group, ticket, deadline));
  }
  auto writing = all_of(std::move(writes), kWritesAtOnce);
  const auto written = co_await std::move(writing);
  if (!written) co_return forward(written);
  co_return Result<void>();
}

Task<Result<std::vector<Seals::Ticket>>> Seals::unbroken_around(GroupId group, std::int32_t period,
                                                                MessageId id, Instant deadline) {
  const MessageId first = MessageId::floor(std::max(Time(), id.sent_at() - kLongest));
  CqlValues values;
  values.uuid(group.value).int32(period).blob(key_bytes(first)).blob(key_bytes(id));
  std::vector<Ticket> tickets;
  auto reading = for_rows(session_, select_around_, std::move(values), deadline, 1'000,
                          [&tickets, id](const CqlRow& row) {
                            const IdRange range{{row.uuid(0)}, {row.uuid(1)}};
                            if (row.boolean(3) || !range.contains(id)) return;
                            tickets.push_back({range, row.int64(2)});
                          });
  const Result<void> read = co_await std::move(reading);
  if (!read) co_return forward(read);
  co_return tickets;
}

// True: `all_of` gathers values.
Task<Result<bool>> Seals::break_ticket(GroupId group, Ticket ticket, Instant deadline) {
  CqlValues values = key_of(group, ticket.range);
  values.int64(ticket.number);
  auto breaking = write(session_, break_, std::move(values), deadline);
  const Result<void> broken = co_await std::move(breaking);
  if (!broken) co_return forward(broken);
  co_return true;
}

}  // namespace tidings::cassandra
