#include "adapters/memory/memory_message_store.h"

#include <memory>
#include <utility>

#include "base/ensure.h"

namespace tidings {

Task<Result<std::optional<Message>>> MemoryMessageStore::append(Message message, bool late) {
  const auto earlier = std::make_shared<std::optional<Message>>();
  std::vector<Change> changes;
  if (plays_ == Plays::OneWriter) {
    changes.push_back([this, message, late, earlier](GroupRows& rows) {
      if (const Message* found = rows.find(message.id)) {
        *earlier = *found;
        return;
      }
      if (late) rows.merge_late({message.received_at, message.id});
      rows.merge_amendment(message);
      rows.merge_row(message);
      rows.merge_head(message.received_at);
      rows.arrivals.emplace(++last_position_, message.id);
    });
  } else {
    if (late) {
      changes.push_back(
          [message](GroupRows& rows) { rows.merge_late({message.received_at, message.id}); });
    }
    if (is_amendment(message.content.kind)) {
      changes.push_back([message](GroupRows& rows) { rows.merge_amendment(message); });
    }
    changes.push_back([message](GroupRows& rows) { rows.merge_row(message); });
    changes.push_back([message](GroupRows& rows) { rows.merge_head(message.received_at); });
  }
  auto writing = write(StoreMethod::Append, message.group, std::move(changes));
  const Result<void> written = co_await std::move(writing);
  if (!written) co_return forward(written);
  co_return std::move(*earlier);
}

Task<Result<void>> MemoryMessageStore::index_late(GroupId group, LateArrival arrival) {
  std::vector<Change> changes;
  changes.push_back([this, arrival](GroupRows& rows) {
    rows.merge_late(arrival);
    // Without a row there is nothing to list: whoever stores it later puts it into the log.
    if (plays_ == Plays::OneWriter && rows.find(arrival.id) != nullptr) {
      rows.arrivals.emplace(++last_position_, arrival.id);
    }
  });
  changes.push_back([arrival](GroupRows& rows) { rows.merge_head(arrival.received_at); });
  return write(StoreMethod::IndexLate, group, std::move(changes));
}

Task<Result<std::vector<Message>>> MemoryMessageStore::read(GroupId group,
                                                            std::vector<MessageId> ids) {
  return look<std::vector<Message>>(
      StoreMethod::Read, group,
      [ids = std::move(ids)](const GroupRows& rows) { return rows.read(ids); });
}

Task<Result<std::vector<Message>>> MemoryMessageStore::read_range(GroupId group, IdRange range,
                                                                  Take take, std::size_t limit) {
  return look<std::vector<Message>>(StoreMethod::ReadRange, group, [=](const GroupRows& rows) {
    return rows.read(rows.ids(range, take, limit));
  });
}

Task<Result<std::vector<MessageId>>> MemoryMessageStore::read_ids(GroupId group, IdRange range,
                                                                  Take take, std::size_t limit) {
  return look<std::vector<MessageId>>(StoreMethod::ReadIds, group, [=](const GroupRows& rows) {
    return rows.ids(range, take, limit);
  });
}

Task<Result<std::vector<LateArrival>>> MemoryMessageStore::read_late(GroupId group,
                                                                     LateArrival after,
                                                                     std::size_t limit) {
  return look<std::vector<LateArrival>>(
      StoreMethod::ReadLate, group, [=](const GroupRows& rows) { return rows.late(after, limit); });
}

Task<Result<std::vector<Amendment>>> MemoryMessageStore::amendments(GroupId group,
                                                                    std::vector<MessageId> targets,
                                                                    Instant) {
  return look<std::vector<Amendment>>(
      StoreMethod::Amendments, group,
      [targets = std::move(targets)](const GroupRows& rows) { return rows.amendments(targets); });
}

Task<Result<std::vector<std::optional<Time>>>> MemoryMessageStore::heads(
    std::vector<GroupId> groups) {
  const auto found = std::make_shared<std::vector<std::optional<Time>>>();
  HeldCall::Steps steps;
  steps.push_back([this, found, groups] {
    const std::lock_guard lock(mutex_);
    for (const GroupId group : groups) found->push_back(rows_of(group).head());
  });
  auto passing = pass(StoreMethod::Heads, std::move(steps));
  const Result<void> done = co_await std::move(passing);
  if (!done) co_return forward(done);
  co_return std::move(*found);
}

Task<Result<void>> MemoryMessageStore::touch(GroupId group, Time at) {
  std::vector<Change> changes;
  changes.push_back([at](GroupRows& rows) { rows.merge_head(at); });
  return write(StoreMethod::Touch, group, std::move(changes));
}

Task<Result<void>> MemoryMessageStore::erase(GroupId group, MessageId id) {
  std::vector<Change> changes;
  changes.push_back([id](GroupRows& rows) { rows.erase(id); });
  return write(StoreMethod::Erase, group, std::move(changes));
}

Task<Result<std::optional<DigestSum>>> MemoryMessageStore::sealed(GroupId group, IdRange range) {
  return look<std::optional<DigestSum>>(
      StoreMethod::Sealed, group, [range](const GroupRows& rows) { return rows.sealed(range); });
}

Task<Result<SealTicket>> MemoryMessageStore::begin_seal(GroupId group, IdRange range) {
  const SealTicket ticket = ++last_ticket_;
  std::vector<Change> changes;
  changes.push_back([range, ticket](GroupRows& rows) { rows.begin_seal(range, ticket); });
  auto writing = write(StoreMethod::Seal, group, std::move(changes));
  const Result<void> written = co_await std::move(writing);
  if (!written) co_return forward(written);
  co_return ticket;
}

Task<Result<void>> MemoryMessageStore::seal(GroupId group, IdRange range, DigestSum sum,
                                            SealTicket ticket) {
  std::vector<Change> changes;
  changes.push_back([=](GroupRows& rows) { rows.seal(range, sum, ticket); });
  return write(StoreMethod::Seal, group, std::move(changes));
}

StoreEpoch MemoryMessageStore::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

void MemoryMessageStore::begin_epoch(StoreEpoch epoch) {
  const std::lock_guard lock(mutex_);
  epoch_ = epoch;
}

Task<Result<void>> MemoryMessageStore::write(StoreMethod method, GroupId group,
                                             std::vector<Change> changes) {
  HeldCall::Steps steps;
  if (plays_ == Plays::OneWriter) {
    steps.push_back([this, group, changes = std::move(changes)] {
      const std::lock_guard lock(mutex_);
      for (const Change& change : changes) change(groups_[group]);
    });
  } else {
    for (Change& each : changes) {
      steps.push_back([this, group, change = std::move(each)] {
        const std::lock_guard lock(mutex_);
        change(groups_[group]);
      });
    }
  }
  return pass(method, std::move(steps));
}

template <class T>
Task<Result<T>> MemoryMessageStore::look(StoreMethod method, GroupId group,
                                         std::function<T(const GroupRows&)> look_at) {
  const auto found = std::make_shared<T>();
  HeldCall::Steps steps;
  steps.push_back([this, group, found, look_at] {
    const std::lock_guard lock(mutex_);
    *found = look_at(rows_of(group));
  });
  auto passing = pass(method, std::move(steps));
  const Result<void> done = co_await std::move(passing);
  if (!done) co_return forward(done);
  co_return std::move(*found);
}

Task<Result<void>> MemoryMessageStore::pass(StoreMethod method, HeldCall::Steps steps) {
  if (faults_ != nullptr) {
    auto passing = faults_->pass(method, std::move(steps));
    co_return co_await std::move(passing);
  }
  for (const auto& step : steps) step();
  co_return {};
}

const GroupRows& MemoryMessageStore::rows_of(GroupId group) const {
  static const GroupRows kEmpty;
  const auto found = groups_.find(group);
  return found == groups_.end() ? kEmpty : found->second;
}

MemoryArrivalLog::MemoryArrivalLog(MemoryMessageStore& store) : store_(store) {
  ensure(store.plays_ == MemoryMessageStore::Plays::OneWriter,
         "only a store with one writer has an arrival log");
}

Task<Result<std::vector<ArrivalLog::Entry>>> MemoryArrivalLog::read_after(GroupId group,
                                                                          std::uint64_t after,
                                                                          std::size_t limit) {
  return store_.look<std::vector<Entry>>(
      StoreMethod::ReadAfter, group, [after, limit](const GroupRows& rows) {
        std::vector<Entry> entries;
        for (auto at = rows.arrivals.upper_bound(after); at != rows.arrivals.end(); ++at) {
          if (entries.size() == limit) break;
          entries.push_back({at->first, *rows.find(at->second)});
        }
        return entries;
      });
}

Task<Result<std::uint64_t>> MemoryArrivalLog::newest(GroupId group) {
  return store_.look<std::uint64_t>(StoreMethod::Newest, group, [](const GroupRows& rows) {
    return rows.arrivals.empty() ? 0 : rows.arrivals.rbegin()->first;
  });
}

}  // namespace tidings
