#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/stored_record.h"
#include "model/digest.h"
#include "ports/message_store.h"

// The writes of the message store, as the batcher runs them.
namespace tidings::rocks {

// The greatest end of all sealed ranges of all groups. An id from there on unseals nothing, which
// spares almost every append a look. Used by the batcher's thread alone.
class SealedEnd {
 public:
  Result<MessageId> get(Changes& changes);
  // Raises it to `to`. Should the batch fail, it is higher than it must be: harmless.
  Result<void> raise(Changes& changes, MessageId to);

 private:
  std::optional<MessageId> known_;
};

// The heads of the groups that were written to last, so that a busy group's is not looked up for
// each message. Used by the batcher's thread alone.
//
// Should a batch fail, what is here is ahead of what is stored: a head may be, it only must not be
// behind.
class RecentHeads {
 public:
  Result<Head> get(Changes& changes, GroupId group);
  void put(Changes& changes, GroupId group, const Head& head);

 private:
  static constexpr std::size_t kSlots = 16 * 1024;
  struct Slot {
    GroupId group;
    Head head;
    bool used = false;
  };
  std::vector<Slot> slots_{kSlots};
};

// The ranges whose sums are being computed now. Used by the batcher's thread alone, which decides
// what came first. Of a process that ended nothing is left, nor anybody who would seal.
class OpenSeals {
 public:
  SealTicket begin(GroupId group, IdRange range);
  // Makes the tickets of ranges void into which a row is appended.
  void append(GroupId group, MessageId id);
  // Whether the ticket was good; it is good once.
  bool end(SealTicket ticket);

 private:
  static constexpr std::size_t kOpenMax = 256;
  struct Open {
    GroupId group;
    IdRange range;
  };
  std::map<SealTicket, Open> open_;
  SealTicket last_ = 0;
};

// What the writes know from one batch to the next.
struct WriteMemory {
  SealedEnd sealed_end;
  OpenSeals open_seals;
  RecentHeads heads;
};

class Append final : public WriteOperation {
 public:
  using Answer = std::optional<Message>;
  Append(Message message, bool late, WriteMemory& memory)
      : message_(std::move(message)), late_(late), memory_(memory) {}
  Result<void> apply(Changes& changes) override;
  std::size_t bytes() const override;
  Answer answer;

 private:
  Message message_;
  bool late_;
  WriteMemory& memory_;
};

class IndexLate final : public WriteOperation {
 public:
  using Answer = void;
  IndexLate(GroupId group, LateArrival arrival, WriteMemory& memory)
      : group_(group), arrival_(arrival), memory_(memory) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  LateArrival arrival_;
  WriteMemory& memory_;
};

class Touch final : public WriteOperation {
 public:
  using Answer = void;
  Touch(GroupId group, Time at, WriteMemory& memory) : group_(group), at_(at), memory_(memory) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  Time at_;
  WriteMemory& memory_;
};

class Erase final : public WriteOperation {
 public:
  using Answer = void;
  Erase(GroupId group, MessageId id) : group_(group), id_(id) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  MessageId id_;
};

class BeginSeal final : public WriteOperation {
 public:
  using Answer = SealTicket;
  BeginSeal(GroupId group, IdRange range, WriteMemory& memory)
      : group_(group), range_(range), memory_(memory) {}
  Result<void> apply(Changes& changes) override;
  Answer answer = 0;

 private:
  GroupId group_;
  IdRange range_;
  WriteMemory& memory_;
};

class Seal final : public WriteOperation {
 public:
  using Answer = void;
  Seal(GroupId group, IdRange range, DigestSum sum, SealTicket ticket, WriteMemory& memory)
      : group_(group), range_(range), sum_(sum), ticket_(ticket), memory_(memory) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  IdRange range_;
  DigestSum sum_;
  SealTicket ticket_;
  WriteMemory& memory_;
};

}  // namespace tidings::rocks
