#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/loop.h"
#include "ports/arrival_log.h"
#include "ports/group_queue.h"
#include "ports/group_store.h"
#include "ports/message_store.h"

// Ports that break one guarantee each, on purpose: a checker that has never failed proves nothing.
// Each wraps a real adapter and lies now and then.
namespace tidings::faulty {

// True once in every `period` calls.
class Now {
 public:
  explicit Now(std::uint64_t period) : period_(period) {}
  bool operator()() { return calls_.fetch_add(1) % period_ == period_ - 1; }

 private:
  std::uint64_t period_;
  std::atomic<std::uint64_t> calls_{0};
};

class ForwardingMessageStore : public MessageStore {
 public:
  explicit ForwardingMessageStore(MessageStore& real) : real_(real) {}

  Task<Result<std::optional<Message>>> append(Message message, bool late) override {
    return real_.append(std::move(message), late);
  }
  Task<Result<void>> index_late(GroupId group, LateArrival arrival) override {
    return real_.index_late(group, arrival);
  }
  Task<Result<std::vector<Message>>> read(GroupId group, std::vector<MessageId> ids) override {
    return real_.read(group, std::move(ids));
  }
  Task<Result<std::vector<Message>>> read_range(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override {
    return real_.read_range(group, range, take, limit);
  }
  Task<Result<std::vector<MessageId>>> read_ids(GroupId group, IdRange range, Take take,
                                                std::size_t limit) override {
    return real_.read_ids(group, range, take, limit);
  }
  Task<Result<std::vector<LateArrival>>> read_late(GroupId group, LateArrival after,
                                                   std::size_t limit) override {
    return real_.read_late(group, after, limit);
  }
  Task<Result<std::vector<Amendment>>> amendments(GroupId group,
                                                  std::vector<MessageId> targets) override {
    return real_.amendments(group, std::move(targets));
  }
  Task<Result<std::vector<std::optional<Time>>>> heads(std::vector<GroupId> groups) override {
    return real_.heads(std::move(groups));
  }
  Task<Result<void>> touch(GroupId group, Time at) override { return real_.touch(group, at); }
  Task<Result<void>> erase(GroupId group, MessageId id) override { return real_.erase(group, id); }
  Task<Result<std::optional<DigestSum>>> sealed(GroupId group, IdRange range) override {
    return real_.sealed(group, range);
  }
  Task<Result<void>> seal(GroupId group, IdRange range, DigestSum sum) override {
    return real_.seal(group, range, sum);
  }
  StoreEpoch epoch() const override { return real_.epoch(); }

 protected:
  MessageStore& real_;
};

// Acknowledges a send that it did not store. Breaks G1.
class DroppingStore final : public ForwardingMessageStore {
 public:
  using ForwardingMessageStore::ForwardingMessageStore;
  Task<Result<std::optional<Message>>> append(Message message, bool late) override {
    if (now_()) return pretend();
    return real_.append(std::move(message), late);
  }

 private:
  static Task<Result<std::optional<Message>>> pretend() { co_return std::nullopt; }
  Now now_{200};
};

// Answers a read by ids with the bodies of two neighbours swapped. Breaks G2.
class SwappingStore final : public ForwardingMessageStore {
 public:
  using ForwardingMessageStore::ForwardingMessageStore;
  Task<Result<std::vector<Message>>> read(GroupId group, std::vector<MessageId> ids) override {
    return swapped(group, std::move(ids));
  }

 private:
  Task<Result<std::vector<Message>>> swapped(GroupId group, std::vector<MessageId> ids) {
    auto rows = co_await real_.read(group, std::move(ids));
    if (rows && rows->size() >= 2 && now_()) std::swap((*rows)[0].content, (*rows)[1].content);
    co_return rows;
  }
  Now now_{3};
};

// Clears the mark at the ack instead of the claim: what is marked during the work is forgotten.
// Breaks G8 and G9.
class ForgetfulQueue final : public GroupQueue {
 public:
  explicit ForgetfulQueue(GroupQueue& real) : real_(real) {}

  Task<Result<void>> mark(GroupId group) override {
    {
      const std::lock_guard lock(mutex_);
      if (claimed_.contains(group)) return done();
    }
    return real_.mark(group);
  }
  Task<Result<std::vector<Claim>>> claim(std::size_t limit, milliseconds wait) override {
    auto claims = co_await real_.claim(limit, wait);
    if (!claims || claims->empty()) co_return claims;
    {
      const std::lock_guard lock(mutex_);
      for (const Claim& claim : *claims) claimed_.insert(claim.group);
    }
    // The members are told of what was there a moment ago; what comes now is lost.
    co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(1));
    co_return claims;
  }
  Task<Result<bool>> renew(Claim claim) override { return real_.renew(claim); }
  Task<Result<void>> ack(Claim claim) override {
    co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(100));
    {
      const std::lock_guard lock(mutex_);
      claimed_.erase(claim.group);
    }
    co_return co_await real_.ack(claim);
  }
  Task<Result<std::vector<GroupId>>> reap() override { return real_.reap(); }
  Task<Result<Depth>> depth() override { return real_.depth(); }

 private:
  static Task<Result<void>> done() { co_return Result<void>(); }
  GroupQueue& real_;
  std::mutex mutex_;
  std::set<GroupId> claimed_;
};

// Remembers for ever who once was a member: the membership check is skipped on a hit. Breaks G10.
class StaleGroupStore final : public GroupStore {
 public:
  explicit StaleGroupStore(GroupStore& real) : real_(real) {}

  Task<Result<std::optional<Member>>> find_member(GroupId group, UserId user) override {
    {
      const std::lock_guard lock(mutex_);
      const auto known = known_.find({group, user});
      if (known != known_.end()) return remembered(known->second);
    }
    return read(group, user);
  }
  Task<Result<std::optional<Group>>> create(Group group) override {
    return real_.create(std::move(group));
  }
  Task<Result<void>> update(Group group) override { return real_.update(std::move(group)); }
  Task<Result<std::optional<Group>>> find(GroupId group) override { return real_.find(group); }
  Task<Result<void>> put_member(GroupId group, Member member) override {
    return real_.put_member(group, std::move(member));
  }
  Task<Result<std::vector<Member>>> members(GroupId group, UserId after,
                                            std::size_t limit) override {
    return real_.members(group, after, limit);
  }
  Task<Result<std::size_t>> count_members(GroupId group) override {
    return real_.count_members(group);
  }
  Task<Result<std::vector<Membership>>> groups_of(UserId user, GroupId after,
                                                  std::size_t limit) override {
    return real_.groups_of(user, after, limit);
  }

 private:
  static Task<Result<std::optional<Member>>> remembered(Member member) { co_return member; }
  Task<Result<std::optional<Member>>> read(GroupId group, UserId user) {
    auto found = co_await real_.find_member(group, user);
    if (found && *found && (*found)->is_in()) {
      const std::lock_guard lock(mutex_);
      known_.emplace(std::pair(group, user), **found);
    }
    co_return found;
  }
  GroupStore& real_;
  std::mutex mutex_;
  std::map<std::pair<GroupId, UserId>, Member> known_;
};

// Steps over the entry before the newest, as a cursor without overlap does with one that became
// visible late. Breaks G5.
class SteppingLog final : public ArrivalLog {
 public:
  explicit SteppingLog(ArrivalLog& real) : real_(real) {}

  Task<Result<std::vector<Entry>>> read_after(GroupId group, std::uint64_t after,
                                              std::size_t limit) override {
    auto entries = co_await real_.read_after(group, after, limit);
    if (entries && entries->size() >= 2 && now_()) entries->erase(entries->end() - 2);
    co_return entries;
  }
  Task<Result<std::uint64_t>> newest(GroupId group) override { return real_.newest(group); }

 private:
  ArrivalLog& real_;
  Now now_{5};
};

}  // namespace tidings::faulty
