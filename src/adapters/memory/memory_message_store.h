#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/memory/group_rows.h"
#include "adapters/memory/store_faults.h"
#include "ports/arrival_log.h"
#include "ports/message_store.h"

namespace tidings {

// Messages in memory, for tests and for trying things out. It plays one of two stores:
//
// OneWriter   as RocksDB: a write is seen as a whole, `append` sees the earlier row, and a
//             MemoryArrivalLog over it gives the exact order of arrival.
// ManyWriters as Cassandra: `append` writes blind and never sees the earlier row (the earlier
//             received_at wins), and the parts of a write become visible one after the other. There
//             is no arrival log.
//
// Safe from any thread; with faults, from the test's thread only.
class MemoryMessageStore final : public MessageStore {
 public:
  enum class Plays { OneWriter, ManyWriters };

  explicit MemoryMessageStore(Plays plays = Plays::OneWriter, StoreFaults* faults = nullptr)
      : plays_(plays), faults_(faults) {}

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

  // As a restore or an import would.
  void begin_epoch(StoreEpoch epoch);

 private:
  friend class MemoryArrivalLog;
  using Change = std::function<void(GroupRows&)>;

  // Makes the changes visible: together (OneWriter) or one by one (ManyWriters).
  Task<Result<void>> write(StoreMethod method, GroupId group, std::vector<Change> changes);
  template <class T>
  Task<Result<T>> look(StoreMethod method, GroupId group,
                       std::function<T(const GroupRows&)> look_at);
  Task<Result<void>> pass(StoreMethod method, HeldCall::Steps steps);
  // Of a group that never spoke: empty. Call with the lock held.
  const GroupRows& rows_of(GroupId group) const;

  const Plays plays_;
  StoreFaults* const faults_;

  mutable std::mutex mutex_;
  std::unordered_map<GroupId, GroupRows> groups_;
  std::atomic<SealTicket> last_ticket_ = 0;
  std::uint64_t last_position_ = 0;  // of the arrival logs of all groups
  StoreEpoch epoch_ = 1;
};

// The exact order of arrival in a MemoryMessageStore that plays OneWriter, which must outlive it.
class MemoryArrivalLog final : public ArrivalLog {
 public:
  explicit MemoryArrivalLog(MemoryMessageStore& store);

  Task<Result<std::vector<Entry>>> read_after(GroupId group, std::uint64_t after,
                                              std::size_t limit) override;
  Task<Result<std::uint64_t>> newest(GroupId group) override;

 private:
  MemoryMessageStore& store_;
};

}  // namespace tidings
