#pragma once

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/message_writes.h"
#include "adapters/rocks/reader.h"
#include "ports/arrival_log.h"
#include "ports/message_store.h"

namespace tidings::rocks {

// Messages, their order of arrival, amendments, heads and sealed sums.
//
// There is one writer, so `append` always sees an earlier row, and the arrival log is exact: a
// position is given out on the batcher's thread, in the order in which rows become visible.
class RocksMessageStore final : public MessageStore, public ArrivalLog {
 public:
  RocksMessageStore(Database& database, CommitBatcher& batcher, Reader& reader);

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
  StoreEpoch epoch() const override { return database_.epoch(); }

  Task<Result<std::vector<Entry>>> read_after(GroupId group, std::uint64_t after,
                                              std::size_t limit) override;
  Task<Result<std::uint64_t>> newest(GroupId group) override;

 private:
  Database& database_;
  CommitBatcher& batcher_;
  Reader& reader_;
  WriteMemory write_memory_;
};

}  // namespace tidings::rocks
