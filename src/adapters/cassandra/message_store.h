#pragma once

#include <memory>

#include "adapters/cassandra/buckets.h"
#include "base/clock.h"
#include "bridge/cql_session.h"
#include "ports/message_store.h"

namespace tidings {

// Messages in Cassandra, for any number of workers. `append` writes blind and never returns an
// earlier row: of two contents under one id, the earlier received is shown everywhere.
//
// Every call has one deadline of 2 s over all of its reads and writes, and reads what a quorum
// holds. Reads of many partitions are many reads of one, some of them at once.
//
// Sums are stored only of ranges that ended 29 days ago or more and are at most 28 days long;
// sealing another does nothing.
//
// Safe from any thread. Errors of the reads also: Internal, a row is damaged.
class CassandraMessageStore final : public MessageStore {
 public:
  // Both must outlive it. Prepares its statements and reads the epoch: blocks.
  // Errors: Unavailable; Internal, the tables are not there (migrate first)
  static Result<std::unique_ptr<CassandraMessageStore>> open(CqlSession& session,
                                                             const Clock& clock,
                                                             cassandra::BucketRules rules = {});
  ~CassandraMessageStore() override;

  Task<Result<std::optional<Message>>> append(Message message, bool late) override;
  Task<Result<void>> index_late(GroupId group, LateArrival arrival) override;
  Task<Result<std::vector<Message>>> read(GroupId group, std::vector<MessageId> ids) override;
  Task<Result<std::vector<Message>>> read_range(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override;
  Task<Result<std::vector<MessageId>>> read_ids(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override;
  Task<Result<std::vector<LateArrival>>> read_late(GroupId group, LateArrival after,
                                                   std::size_t limit) override;
  Task<Result<std::vector<Amendment>>> amendments(GroupId group, std::vector<MessageId> targets,
                                                  Instant as_of) override;
  Task<Result<std::vector<std::optional<Time>>>> heads(std::vector<GroupId> groups) override;
  Task<Result<void>> touch(GroupId group, Time at) override;
  Task<Result<void>> erase(GroupId group, MessageId id) override;
  Task<Result<std::optional<DigestSum>>> sealed(GroupId group, IdRange range) override;
  Task<Result<SealTicket>> begin_seal(GroupId group, IdRange range) override;
  Task<Result<void>> seal(GroupId group, IdRange range, DigestSum sum, SealTicket ticket) override;
  StoreEpoch epoch() const override;

 private:
  struct Impl;
  explicit CassandraMessageStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
