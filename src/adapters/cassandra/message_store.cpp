#include "adapters/cassandra/message_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "adapters/cassandra/amendment_slots.h"
#include "adapters/cassandra/bucket_registry.h"
#include "adapters/cassandra/group_heads.h"
#include "adapters/cassandra/late_index.h"
#include "adapters/cassandra/message_rows.h"
#include "adapters/cassandra/seals.h"
#include "adapters/cassandra/store_epoch.h"
#include "adapters/cassandra/write_times.h"
#include "base/parallel.h"
#include "model/limits.h"
#include "model/message_record.h"

namespace tidings {

using cassandra::Bucket;
using cassandra::RowCopy;

struct CassandraMessageStore::Impl {
  Impl(CqlSession& session, const Clock& the_clock, cassandra::BucketRules rules)
      : clock(the_clock),
        registry(session, rules, the_clock),
        rows(session, registry, the_clock),
        slots(session, registry),
        late_index(session, registry, the_clock),
        group_heads(session),
        seals(session, the_clock) {}

  const Clock& clock;
  cassandra::BucketRegistry registry;
  cassandra::MessageRows rows;
  cassandra::AmendmentSlots slots;
  cassandra::LateIndex late_index;
  cassandra::GroupHeads group_heads;
  cassandra::Seals seals;
  StoreEpoch epoch = 0;

  Result<void> prepare() {
    const auto prepared = {registry.prepare(),   rows.prepare(),        slots.prepare(),
                           late_index.prepare(), group_heads.prepare(), seals.prepare()};
    const auto failed = std::ranges::find_if(prepared, [](const auto& one) { return !one; });
    return failed == prepared.end() ? Result<void>() : *failed;
  }
  Instant deadline() const { return clock.monotonic() + kWriteDeadline; }

  // Nobody may go on believing a sum that lacks the row.
  Task<Result<void>> unseal(GroupId group, MessageId id, Instant deadline) {
    if (!seals.may_be_sealed(id)) co_return Result<void>();
    auto unsealing = seals.unseal(group, id, deadline);
    co_return co_await std::move(unsealing);
  }
  Task<Result<bool>> erase_copy(RowCopy copy, Instant deadline);
};

CassandraMessageStore::CassandraMessageStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CassandraMessageStore::~CassandraMessageStore() = default;

Result<std::unique_ptr<CassandraMessageStore>> CassandraMessageStore::open(
    CqlSession& session, const Clock& clock, cassandra::BucketRules rules) {
  auto impl = std::make_unique<Impl>(session, clock, rules);
  if (const auto prepared = impl->prepare(); !prepared) return forward(prepared);
  const auto epoch = cassandra::load_epoch(session);
  if (!epoch) return forward(epoch);
  impl->epoch = *epoch;
  return std::unique_ptr<CassandraMessageStore>(new CassandraMessageStore(std::move(impl)));
}

// The order matters: a crash in between leaves nothing that a reader passes over for good.
Task<Result<std::optional<Message>>> CassandraMessageStore::append(Message message, bool late) {
  Impl& self = *impl_;
  const Instant deadline = self.deadline();
  const GroupId group = message.group;
  const MessageId id = message.id;
  auto finding = self.registry.writable(group, id.sent_at(), deadline);
  const Result<Bucket> bucket = co_await std::move(finding);
  if (!bucket) co_return forward(bucket);

  if (late) {
    const LateArrival arrival{message.received_at, id};
    auto indexing = self.late_index.write(group, arrival, deadline);
    const Result<void> indexed = co_await std::move(indexing);
    if (!indexed) co_return forward(indexed);
  }
  if (const auto amendment = amendment_of(message)) {
    auto amending = self.slots.write(group, *amendment, message.received_at, deadline);
    const Result<void> amended = co_await std::move(amending);
    if (!amended) co_return forward(amended);
  }
  std::string record = encode(message);
  const std::size_t bytes = record.size();
  // Whoever sees a head before its row asks again for what came shortly before they looked.
  auto writing = both(self.rows.insert(*bucket, group, id, std::move(record),
                                       cassandra::row_written_at(message), deadline),
                      self.group_heads.advance(group, message.received_at, deadline));
  const auto [inserted, advanced] = co_await std::move(writing);
  if (inserted) self.registry.wrote(group, *bucket, id.sent_at(), bytes);
  if (!inserted) co_return forward(inserted);
  if (!advanced) co_return forward(advanced);
  auto unsealing = self.unseal(group, id, deadline);
  const Result<void> unsealed = co_await std::move(unsealing);
  if (!unsealed) co_return forward(unsealed);
  co_return std::optional<Message>();
}

// Also what heals an append that failed on the way, so it does all that may be lacking but the row.
Task<Result<void>> CassandraMessageStore::index_late(GroupId group, LateArrival arrival) {
  Impl& self = *impl_;
  const Instant deadline = self.deadline();
  auto indexing = self.late_index.write(group, arrival, deadline);
  auto indexed = co_await std::move(indexing);
  if (!indexed) co_return indexed;
  auto advancing = self.group_heads.advance(group, arrival.received_at, deadline);
  auto advanced = co_await std::move(advancing);
  if (!advanced) co_return advanced;
  auto unsealing = self.unseal(group, arrival.id, deadline);
  co_return co_await std::move(unsealing);
}

Task<Result<std::vector<Message>>> CassandraMessageStore::read(GroupId group,
                                                               std::vector<MessageId> ids) {
  auto reading = impl_->rows.copies(group, std::move(ids), impl_->deadline());
  auto copies = co_await std::move(reading);
  if (!copies) co_return forward(copies);
  std::map<MessageId, Message> winners;
  for (RowCopy& copy : *copies) {
    Message& message = copy.message;
    const auto [at, is_new] = winners.try_emplace(message.id, message);
    if (!is_new && cassandra::beats(message, at->second)) at->second = std::move(message);
  }
  std::vector<Message> messages;
  messages.reserve(winners.size());
  for (auto& [id, message] : winners) messages.push_back(std::move(message));
  co_return messages;
}

Task<Result<std::vector<Message>>> CassandraMessageStore::read_range(GroupId group, IdRange range,
                                                                     Take take, std::size_t limit) {
  return impl_->rows.read_range<Message>(group, range, take, limit, impl_->deadline());
}

Task<Result<std::vector<MessageId>>> CassandraMessageStore::read_ids(GroupId group, IdRange range,
                                                                     Take take, std::size_t limit) {
  return impl_->rows.read_range<MessageId>(group, range, take, limit, impl_->deadline());
}

Task<Result<std::vector<LateArrival>>> CassandraMessageStore::read_late(GroupId group,
                                                                        LateArrival after,
                                                                        std::size_t limit) {
  return impl_->late_index.read(group, after, limit, impl_->deadline());
}

Task<Result<std::vector<Amendment>>> CassandraMessageStore::amendments(
    GroupId group, std::vector<MessageId> targets, Instant as_of) {
  return impl_->slots.read(group, std::move(targets), as_of, impl_->deadline());
}

Task<Result<std::vector<std::optional<Time>>>> CassandraMessageStore::heads(
    std::vector<GroupId> groups) {
  return impl_->group_heads.read(std::move(groups), impl_->deadline());
}

Task<Result<void>> CassandraMessageStore::touch(GroupId group, Time at) {
  return impl_->group_heads.advance(group, at, impl_->deadline());
}

// The amendment first: what it is can't be told from the row any more when that is erased.
Task<Result<void>> CassandraMessageStore::erase(GroupId group, MessageId id) {
  Impl& self = *impl_;
  const Instant deadline = self.deadline();
  auto reading = self.rows.copies(group, {id}, deadline);
  auto copies = co_await std::move(reading);
  if (!copies) co_return forward(copies);
  std::erase_if(*copies, [](const RowCopy& copy) { return copy.message.erased; });
  for (const RowCopy& copy : *copies) {
    const auto amendment = amendment_of(copy.message);
    if (!amendment) continue;
    auto amending = self.slots.erase(group, *amendment, copy.message.received_at, deadline);
    auto amended = co_await std::move(amending);
    if (!amended) co_return amended;
  }
  std::vector<Task<Result<bool>>> writes;
  for (RowCopy& copy : *copies) writes.push_back(self.erase_copy(std::move(copy), deadline));
  auto writing = all_of(std::move(writes), 4);
  const auto written = co_await std::move(writing);
  if (!written) co_return forward(written);
  co_return Result<void>();
}

Task<Result<bool>> CassandraMessageStore::Impl::erase_copy(RowCopy copy, Instant deadline) {
  Message& message = copy.message;
  strip_body(message);
  message.erased = true;
  auto inserting = rows.insert(copy.bucket, message.group, message.id, encode(message),
                               cassandra::to_us(clock.now()), deadline);
  const Result<void> inserted = co_await std::move(inserting);
  if (!inserted) co_return forward(inserted);
  co_return true;
}

Task<Result<std::optional<DigestSum>>> CassandraMessageStore::sealed(GroupId group, IdRange range) {
  return impl_->seals.sealed(group, range, impl_->deadline());
}

Task<Result<SealTicket>> CassandraMessageStore::begin_seal(GroupId group, IdRange range) {
  return impl_->seals.begin(group, range, impl_->deadline());
}

Task<Result<void>> CassandraMessageStore::seal(GroupId group, IdRange range, DigestSum sum,
                                               SealTicket ticket) {
  return impl_->seals.seal(group, range, sum, ticket, impl_->deadline());
}

StoreEpoch CassandraMessageStore::epoch() const { return impl_->epoch; }

}  // namespace tidings
