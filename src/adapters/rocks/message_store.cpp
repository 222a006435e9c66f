#include "adapters/rocks/message_store.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "adapters/rocks/stored_record.h"

namespace tidings::rocks {
namespace {

constexpr std::size_t kGroupBytes = 16;

MessageId id_in(std::string_view key, std::size_t offset) {
  return MessageId{uuid_at(key, offset)};
}

// Calls `row` for those of `ids` (ascending, each once) that exist, newest first, until it returns
// false.
template <class Row>
rocksdb::Status get_rows(const Database& database, ReadTier tier, GroupId group,
                         const std::vector<MessageId>& ids, const Row& row) {
  rocksdb::ReadOptions options;
  if (tier == ReadTier::Memory) options.read_tier = rocksdb::kBlockCacheTier;
  const std::size_t count = ids.size();
  std::vector<StoredKey> keys;
  std::vector<rocksdb::Slice> slices;
  keys.reserve(count);
  slices.reserve(count);
  for (std::size_t i = count; i-- > 0;) {
    keys.push_back(message_key(group, ids[i]));
    slices.push_back(slice(keys.back().view()));
  }
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  database.db().MultiGet(options, database.handle(Table::Messages), count, slices.data(),
                         values.data(), statuses.data(), /*sorted_input=*/true);
  for (std::size_t i = 0; i < count; ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return statuses[i];
    if (is_guess(tier, statuses[i], values[i])) return rocksdb::Status::Incomplete();
    if (!row(ids[count - 1 - i], view(values[i]))) break;
  }
  return rocksdb::Status::OK();
}

Attempt<std::vector<Message>> read_rows(const Database& database, ReadTier tier, GroupId group,
                                        const std::vector<MessageId>& ids) {
  std::vector<Message> messages;
  messages.reserve(ids.size());
  std::optional<MessageId> damaged;
  const auto status =
      get_rows(database, tier, group, ids, [&](MessageId id, std::string_view value) {
        Message& message = messages.emplace_back();
        message.id = id;
        message.group = group;
        if (!decode(value, message)) damaged = id;
        return !damaged;
      });
  if (!status.ok()) return give_up<std::vector<Message>>(status);
  if (damaged) return fail_damaged(Table::Messages, message_key(group, *damaged).view());
  std::reverse(messages.begin(), messages.end());
  return messages;
}

// Calls `row(scan)` for at most `limit` rows of the range, from the end that `take` says, until it
// returns false.
template <class Row>
rocksdb::Status for_range(const Database& database, ReadTier tier, GroupId group,
                          const IdRange& range, Take take, std::size_t limit, const Row& row) {
  if (range.from >= range.to) return rocksdb::Status::OK();
  // from <= id < to, in inverted order: behind the key of `to`, up to that of `from`.
  const auto lower = message_key(group, range.to).byte('\0');
  const auto upper = message_key(group, range.from).byte('\0');
  Scan scan(database, tier, Table::Messages, lower.view(), upper.view());
  const bool oldest = take == Take::Oldest;
  oldest ? scan.last() : scan.first();
  for (std::size_t i = 0; i < limit && scan.valid(); ++i) {
    if (!row(scan)) return rocksdb::Status::OK();
    // Moving on after the last wanted row could wait for a block that nobody needs.
    if (i + 1 < limit) oldest ? scan.previous() : scan.next();
  }
  return scan.status();
}

Attempt<std::vector<Message>> scan_messages(const Database& database, ReadTier tier, GroupId group,
                                            const IdRange& range, Take take, std::size_t limit) {
  std::vector<Message> messages;
  messages.reserve(std::min<std::size_t>(limit, 64));
  bool damaged = false;
  StoredKey damaged_key;
  const auto status = for_range(database, tier, group, range, take, limit, [&](const Scan& scan) {
    Message& message = messages.emplace_back();
    message.id = id_in_message_key(scan.key());
    message.group = group;
    if (decode(scan.value(), message)) return true;
    damaged = true;
    damaged_key = StoredKey().raw(scan.key());
    return false;
  });
  if (!status.ok()) return give_up<std::vector<Message>>(status);
  if (damaged) return fail_damaged(Table::Messages, damaged_key.view());
  if (take == Take::Newest) std::reverse(messages.begin(), messages.end());
  return messages;
}

Attempt<std::vector<MessageId>> scan_ids(const Database& database, ReadTier tier, GroupId group,
                                         const IdRange& range, Take take, std::size_t limit) {
  std::vector<MessageId> ids;
  const auto status = for_range(database, tier, group, range, take, limit, [&](const Scan& scan) {
    ids.push_back(id_in_message_key(scan.key()));
    return true;
  });
  if (!status.ok()) return give_up<std::vector<MessageId>>(status);
  if (take == Take::Newest) std::reverse(ids.begin(), ids.end());
  return ids;
}

Attempt<std::vector<LateArrival>> scan_late(const Database& database, ReadTier tier, GroupId group,
                                            const LateArrival& after, std::size_t limit) {
  const auto lower = late_key(group, after);
  const auto upper = StoredKey()
                         .uuid(group.value)
                         .u64(std::numeric_limits<std::uint64_t>::max())
                         .uuid(kLastMessageId.value);
  std::vector<LateArrival> arrivals;
  Scan scan(database, tier, Table::Late, lower.view(), upper.view());
  scan.first();
  if (scan.valid() && scan.key() == lower.view()) scan.next();
  while (scan.valid() && arrivals.size() < limit) {
    arrivals.push_back({from_ms(static_cast<std::int64_t>(u64_at(scan.key(), kGroupBytes))),
                        id_in(scan.key(), kGroupBytes + 8)});
    if (arrivals.size() < limit) scan.next();
  }
  if (!scan.status().ok()) return give_up<std::vector<LateArrival>>(scan.status());
  return arrivals;
}

// Walks the amendments and the targets together, so that targets without any cost nothing but the
// walk over what lies between.
Attempt<std::vector<Amendment>> scan_amendments(const Database& database, ReadTier tier,
                                                GroupId group,
                                                const std::vector<MessageId>& targets) {
  std::vector<Amendment> found;
  if (targets.empty()) return found;
  const auto lower = pair_key(group.value, targets.front().value);
  const auto upper = pair_key(group.value, targets.back().value).byte(static_cast<char>(0xFF));
  Scan scan(database, tier, Table::Amendments, lower.view(), upper.view());
  scan.first();
  auto wanted = targets.begin();
  while (scan.valid()) {
    const MessageId target = id_in(scan.key(), kGroupBytes);
    wanted = std::lower_bound(wanted, targets.end(), target);
    if (wanted == targets.end()) break;
    if (*wanted != target) {
      const auto next = pair_key(group.value, wanted->value);
      scan.seek(next.view());
      continue;
    }
    Amendment& amendment = found.emplace_back();
    amendment.target = target;
    if (!decode(scan.value(), amendment)) return fail_damaged(Table::Amendments, scan.key());
    scan.next();
  }
  if (!scan.status().ok()) return give_up<std::vector<Amendment>>(scan.status());
  return found;
}

Attempt<std::optional<Head>> read_head(const Database& database, ReadTier tier, GroupId group) {
  const auto key = StoredKey().uuid(group.value);
  rocksdb::PinnableSlice stored;
  const auto status = database.get(tier, Table::Heads, key.view(), &stored);
  if (status.IsNotFound()) return std::optional<Head>();
  if (!status.ok()) return give_up<std::optional<Head>>(status);
  Head head;
  if (!decode(view(stored), head)) return fail_damaged(Table::Heads, key.view());
  return std::optional(head);
}

Attempt<std::vector<std::optional<Time>>> read_heads(const Database& database, ReadTier tier,
                                                     const std::vector<GroupId>& groups) {
  using Times = std::vector<std::optional<Time>>;
  Times times;
  times.reserve(groups.size());
  for (const GroupId group : groups) {
    auto head = read_head(database, tier, group);
    if (!head) return std::nullopt;
    if (!*head) return Result<Times>(forward(std::move(*head)));
    times.push_back(**head ? std::optional((**head)->last_updated) : std::nullopt);
  }
  return times;
}

struct Arrival {
  std::uint64_t position;
  MessageId id;
};

Attempt<std::vector<ArrivalLog::Entry>> read_arrivals(const Database& database, ReadTier tier,
                                                      GroupId group, std::uint64_t after,
                                                      std::size_t limit) {
  using Entries = std::vector<ArrivalLog::Entry>;
  constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();
  if (after >= kEnd - 1) return Entries();
  const auto lower = arrival_key(group, after + 1);
  const auto upper = arrival_key(group, kEnd);
  std::vector<Arrival> arrivals;
  Scan scan(database, tier, Table::Arrivals, lower.view(), upper.view());
  for (scan.first(); scan.valid();) {
    const auto id = decode_uuid(scan.value());
    if (!id) return fail_damaged(Table::Arrivals, scan.key());
    arrivals.push_back({u64_at(scan.key(), kGroupBytes), MessageId{*id}});
    if (arrivals.size() == limit) break;
    scan.next();
  }
  if (!scan.status().ok()) return give_up<Entries>(scan.status());

  std::vector<MessageId> ids;
  ids.reserve(arrivals.size());
  for (const Arrival& arrival : arrivals) ids.push_back(arrival.id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  auto rows = read_rows(database, tier, group, ids);
  if (!rows) return std::nullopt;
  if (!*rows) return Result<Entries>(forward(std::move(*rows)));

  Entries entries;
  entries.reserve(arrivals.size());
  for (const Arrival& arrival : arrivals) {
    const auto row =
        std::lower_bound((*rows)->begin(), (*rows)->end(), arrival.id,
                         [](const Message& message, MessageId id) { return message.id < id; });
    // The row was written in the same batch.
    if (row == (*rows)->end() || row->id != arrival.id) {
      return fail_damaged(Table::Messages, message_key(group, arrival.id).view());
    }
    entries.push_back({arrival.position, *row});
  }
  return entries;
}

Attempt<std::optional<DigestSum>> read_sealed(const Database& database, ReadTier tier,
                                              GroupId group, const IdRange& range) {
  const auto key = sealed_key(group, range);
  rocksdb::PinnableSlice stored;
  const auto status = database.get(tier, Table::Sealed, key.view(), &stored);
  if (status.IsNotFound()) return std::optional<DigestSum>();
  if (!status.ok()) return give_up<std::optional<DigestSum>>(status);
  DigestSum sum;
  if (!decode(view(stored), sum)) return fail_damaged(Table::Sealed, key.view());
  return std::optional(sum);
}

}  // namespace

RocksMessageStore::RocksMessageStore(Database& database, CommitBatcher& batcher, Reader& reader)
    : database_(database), batcher_(batcher), reader_(reader) {}

Task<Result<std::optional<Message>>> RocksMessageStore::append(Message message, bool late) {
  return batcher_.run(Append(std::move(message), late, write_memory_));
}

Task<Result<void>> RocksMessageStore::index_late(GroupId group, LateArrival arrival) {
  return batcher_.run(IndexLate(group, arrival, write_memory_));
}

Task<Result<std::vector<Message>>> RocksMessageStore::read(GroupId group,
                                                           std::vector<MessageId> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return reader_.read<std::vector<Message>>([this, group, ids = std::move(ids)](ReadTier tier) {
    return read_rows(database_, tier, group, ids);
  });
}

Task<Result<std::vector<Message>>> RocksMessageStore::read_range(GroupId group, IdRange range,
                                                                 Take take, std::size_t limit) {
  return reader_.read<std::vector<Message>>([=, this](ReadTier tier) {
    return scan_messages(database_, tier, group, range, take, limit);
  });
}

Task<Result<std::vector<MessageId>>> RocksMessageStore::read_ids(GroupId group, IdRange range,
                                                                 Take take, std::size_t limit) {
  return reader_.read<std::vector<MessageId>>(
      [=, this](ReadTier tier) { return scan_ids(database_, tier, group, range, take, limit); });
}

Task<Result<std::vector<LateArrival>>> RocksMessageStore::read_late(GroupId group,
                                                                    LateArrival after,
                                                                    std::size_t limit) {
  return reader_.read<std::vector<LateArrival>>(
      [=, this](ReadTier tier) { return scan_late(database_, tier, group, after, limit); });
}

Task<Result<std::vector<Amendment>>> RocksMessageStore::amendments(GroupId group,
                                                                   std::vector<MessageId> targets,
                                                                   Instant) {
  return reader_.read<std::vector<Amendment>>(
      [this, group, targets = std::move(targets)](ReadTier tier) {
        return scan_amendments(database_, tier, group, targets);
      });
}

Task<Result<std::vector<std::optional<Time>>>> RocksMessageStore::heads(
    std::vector<GroupId> groups) {
  return reader_.read<std::vector<std::optional<Time>>>(
      [this, groups = std::move(groups)](ReadTier tier) {
        return read_heads(database_, tier, groups);
      });
}

Task<Result<void>> RocksMessageStore::touch(GroupId group, Time at) {
  return batcher_.run(Touch(group, at, write_memory_));
}

Task<Result<void>> RocksMessageStore::erase(GroupId group, MessageId id) {
  return batcher_.run(Erase(group, id));
}

Task<Result<std::optional<DigestSum>>> RocksMessageStore::sealed(GroupId group, IdRange range) {
  return reader_.read<std::optional<DigestSum>>(
      [=, this](ReadTier tier) { return read_sealed(database_, tier, group, range); });
}

Task<Result<SealTicket>> RocksMessageStore::begin_seal(GroupId group, IdRange range) {
  return batcher_.run(BeginSeal(group, range, write_memory_));
}

Task<Result<void>> RocksMessageStore::seal(GroupId group, IdRange range, DigestSum sum,
                                           SealTicket ticket) {
  return batcher_.run(Seal(group, range, sum, ticket, write_memory_));
}

Task<Result<std::vector<ArrivalLog::Entry>>> RocksMessageStore::read_after(GroupId group,
                                                                           std::uint64_t after,
                                                                           std::size_t limit) {
  return reader_.read<std::vector<Entry>>(
      [=, this](ReadTier tier) { return read_arrivals(database_, tier, group, after, limit); });
}

Task<Result<std::uint64_t>> RocksMessageStore::newest(GroupId group) {
  return reader_.read<std::uint64_t>([=, this](ReadTier tier) -> Attempt<std::uint64_t> {
    auto head = read_head(database_, tier, group);
    if (!head) return std::nullopt;
    if (!*head) return Result<std::uint64_t>(forward(std::move(*head)));
    return **head ? (**head)->position : 0;
  });
}

}  // namespace tidings::rocks
