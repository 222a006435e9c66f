#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "ports/message_store.h"
#include "tests/faults/fault.h"

namespace tidings {

// A message store that loses, changes or confuses some messages.
class FaultyMessageStore final : public MessageStore {
 public:
  FaultyMessageStore(MessageStore& store, Fault fault) : store_(store), fault_(fault) {}

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
  StoreEpoch epoch() const override { return store_.epoch(); }

 private:
  // True at one message of some, if this is the store's fault.
  bool strikes(Fault fault);

  MessageStore& store_;
  const Fault fault_;
  std::atomic<std::uint32_t> appended_{0};
};

}  // namespace tidings
