#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/amendment.h"
#include "model/digest.h"
#include "model/message.h"
#include "ports/message_store.h"

namespace tidings {

// Everything that a store of messages holds of one group, as plain values. Each change is a merge
// that gives the same result whatever the order in which changes come and however often, as the
// cells of Cassandra do.
//
// Not safe from several threads: MemoryMessageStore locks.
class GroupRows {
 public:
  // The earlier received_at wins; an erased row always does. True when there was no row.
  bool merge_row(const Message& message);
  // The greater id wins its slot; of two contents under one id, the earlier received.
  void merge_amendment(const Message& message);
  void merge_late(LateArrival arrival) { late_.insert(arrival); }
  void merge_head(Time at);
  void erase(MessageId id);
  void begin_seal(IdRange range, SealTicket ticket) { open_seals_.emplace(ticket, range); }
  // Does nothing unless the ticket is still good.
  void seal(IdRange range, const DigestSum& sum, SealTicket ticket);

  const Message* find(MessageId id) const;
  std::vector<Message> read(const std::vector<MessageId>& ids) const;
  std::vector<MessageId> ids(IdRange range, Take take, std::size_t limit) const;
  std::vector<LateArrival> late(LateArrival after, std::size_t limit) const;
  std::vector<Amendment> amendments(const std::vector<MessageId>& targets) const;
  std::optional<Time> head() const { return head_; }
  std::optional<DigestSum> sealed(IdRange range) const;

  // The arrival log: position to row. Only a store with one writer uses it.
  std::map<std::uint64_t, MessageId> arrivals;

 private:
  struct Slot {
    Amendment amendment;
    Time received_at;
  };
  struct Sealed {
    MessageId to;
    DigestSum sum;
  };

  std::map<MessageId, Message> rows_;
  std::map<MessageId, std::map<std::string, Slot>> slots_;  // by target
  std::set<LateArrival> late_;
  std::optional<Time> head_;
  std::set<MessageId> erased_;          // also of writes that come after the erasure
  std::map<MessageId, Sealed> sealed_;  // by where they begin
  std::map<SealTicket, IdRange> open_seals_;
};

}  // namespace tidings
