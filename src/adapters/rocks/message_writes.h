#pragma once

#include <optional>

#include "adapters/rocks/commit_batcher.h"
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

class Append final : public WriteOperation {
 public:
  using Answer = std::optional<Message>;
  Append(Message message, bool late, SealedEnd& sealed_end)
      : message_(std::move(message)), late_(late), sealed_end_(sealed_end) {}
  Result<void> apply(Changes& changes) override;
  std::size_t bytes() const override;
  Answer answer;

 private:
  Message message_;
  bool late_;
  SealedEnd& sealed_end_;
};

class IndexLate final : public WriteOperation {
 public:
  using Answer = void;
  IndexLate(GroupId group, LateArrival arrival) : group_(group), arrival_(arrival) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  LateArrival arrival_;
};

class Touch final : public WriteOperation {
 public:
  using Answer = void;
  Touch(GroupId group, Time at) : group_(group), at_(at) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  Time at_;
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

class Seal final : public WriteOperation {
 public:
  using Answer = void;
  Seal(GroupId group, IdRange range, DigestSum sum, SealedEnd& sealed_end)
      : group_(group), range_(range), sum_(sum), sealed_end_(sealed_end) {}
  Result<void> apply(Changes& changes) override;

 private:
  GroupId group_;
  IdRange range_;
  DigestSum sum_;
  SealedEnd& sealed_end_;
};

}  // namespace tidings::rocks
