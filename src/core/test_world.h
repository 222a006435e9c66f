#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/memory/memory_group_store.h"
#include "adapters/memory/memory_message_store.h"
#include "adapters/memory/memory_read_mark_store.h"
#include "adapters/memory/memory_throttle.h"
#include "adapters/memory/memory_user_store.h"
#include "adapters/memory/store_faults.h"
#include "base/ensure.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "core/clock_guard.h"
#include "core/digest_check.h"
#include "core/directory.h"
#include "core/history.h"
#include "core/marker.h"
#include "core/read_marks.h"
#include "core/send_message.h"
#include "core/sync.h"
#include "core/test_loop.h"

namespace tidings {

// A queue that only remembers what was marked, and is down when a test says so.
class TestQueue final : public GroupQueue {
 public:
  explicit TestQueue(const Clock& clock) : clock_(clock), down_until_(clock.monotonic()) {}

  void fail_for(milliseconds how_long) { down_until_ = clock_.monotonic() + how_long; }
  bool is_marked(GroupId group) const { return marked_.contains(group); }
  void clear() { marked_.clear(); }

  Task<Result<void>> mark(GroupId group) override {
    if (clock_.monotonic() < down_until_) co_return fail(ErrorCode::Unavailable);
    marked_.insert(group);
    co_return {};
  }
  Task<Result<std::vector<Claim>>> claim(std::size_t, milliseconds) override {
    co_return std::vector<Claim>{};
  }
  Task<Result<bool>> renew(Claim) override { co_return true; }
  Task<Result<void>> ack(Claim, milliseconds) override { co_return {}; }
  Task<Result<std::vector<GroupId>>> reap() override { co_return std::vector<GroupId>{}; }
  Task<Result<Depth>> depth() override { co_return Depth{marked_.size(), 0}; }

 private:
  const Clock& clock_;
  Instant down_until_;
  std::set<GroupId> marked_;
};

// A call that was begun and may be waiting: for the store (World::faults) or for a later moment.
template <class T>
class Started {
 public:
  bool is_done() const { return result_->has_value(); }
  T& result() {
    ensure(is_done(), "the call has ended");
    return **result_;
  }

 private:
  friend struct World;
  std::shared_ptr<std::optional<T>> result_ = std::make_shared<std::optional<T>>();
};

// Everything that one worker does about messages, over stores in memory, on one thread, one loop
// and a clock that the test moves. What the seed decides is the order in which waiting coroutines
// go on.
//
//   World world;
//   const GroupId group = world.group({"alice", "bob"});
//   EXPECT_TRUE(world.send(world.draft("alice", group, "hello")));
//   EXPECT_EQ(world.history("bob", group).size(), 1u);
struct World {
  using Plays = MemoryMessageStore::Plays;

  explicit World(std::uint32_t seed = 1, Plays plays = Plays::OneWriter)
      : loop(clock, seed),
        messages(plays, &faults),
        log(plays == Plays::OneWriter ? std::make_unique<MemoryArrivalLog>(messages) : nullptr),
        trace_(__FILE__, __LINE__, "seed " + std::to_string(seed)) {}
  ~World() {
    faults.release();
    run(send_message.stop());
    run(marker.stop());
    loop.run_ready();
    ensure(tasks_.running() == 0, "every task of a test has ended");
    block_on(tasks_.join());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  ManualClock clock;
  TestLoop loop;
  StoreFaults faults;
  MemoryMessageStore messages;
  std::unique_ptr<MemoryArrivalLog> log;  // null in a world that plays ManyWriters
  MemoryGroupStore groups;
  MemoryUserStore users;
  MemoryReadMarkStore marks;
  MemoryThrottle throttle{clock};
  TestQueue queue{clock};

  Directory directory{groups, users, clock};
  ClockGuard clock_guard{clock, nullptr};
  Marker marker{queue, clock};
  SendMessage send_message{messages, groups, directory, throttle, marker, clock_guard, clock};
  Sync sync{messages, log.get(), directory, clock_guard, clock};
  History past{messages, directory, clock};
  DigestCheck digests{messages, directory, clock};
  ReadMarks read_marks{marks, directory, sync, clock};

  // Runs a task to its end. Where it waits for a later moment, the clock moves on to it.
  template <class T>
  T run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      run(with_value(std::move(task)));
    } else {
      auto started = start(std::move(task));
      for (int waited_ms = 0; !started.is_done(); ++waited_ms) {
        ensure(waited_ms < 60'000, "a task waits for something that nobody does");
        clock.advance(milliseconds(1));
        loop.run_ready();
      }
      return std::move(started.result());
    }
  }

  // Begins a task, and goes on until it and all others wait.
  template <class T>
  Started<T> start(Task<T> task) {
    Started<T> started;
    {
      const Loop::Entered entered(loop);
      tasks_.spawn(keep(std::move(task), started.result_));
    }
    loop.run_ready();
    return started;
  }

  // Goes on until everything waits: after StoreFaults has answered something.
  void settle() { loop.run_ready(); }

  // Moves the clock, and lets happen what was waiting for it.
  void advance(milliseconds by) {
    for (; by > milliseconds(0); by -= milliseconds(1)) {
      clock.advance(milliseconds(1));
      loop.run_ready();
    }
  }

  // A person with that name, who is made when they are first named; may send without limit.
  Caller user(std::string name) {
    auto found = value(users.find_by_name(name));
    if (!found) {
      found.emplace();
      found->id = UserId{Uuid::v4()};
      found->name = name;
      found->created_at = clock.now();
      value(users.create(*found));
    }
    Caller caller;
    caller.user = found->id;
    caller.name = std::move(name);
    caller.send_burst = 1'000'000;
    caller.send_per_seconds = 1;
    return caller;
  }

  // A group of these people, the first of whom owns it. `wanted` says what else is particular.
  GroupId group(std::vector<std::string> names, Group wanted = {}) {
    wanted.id = GroupId{Uuid::v4()};
    wanted.created_at = clock.now();
    wanted.created_by = user(names.at(0)).user;
    value(groups.create(wanted));
    for (const std::string& name : names) {
      put(wanted.id, name, name == names[0] ? Role::Owner : Role::Member);
    }
    return wanted.id;
  }
  void put(GroupId group, const std::string& name, Role role) {
    const Caller who = user(name);
    const auto before = value(groups.find_member(group, who.user));
    const std::uint64_t version = before ? before->version : 0;
    Member member{who.user, who.name, role, clock.now(), clock.now(), version};
    EXPECT_TRUE(value(groups.compare_and_set_member(group, std::move(member))));
    directory.forget(group);
    directory.forget(group, who.user);
  }

  // What somebody is about to send: committed now, so that it may be sent again and again. No two
  // share a millisecond, so that they stand in the order in which they were made.
  struct Draft {
    Caller author;
    SendRequest request;
    MessageId id() const { return request.id; }
  };
  Draft draft(const std::string& author, GroupId group, Content content) {
    advance(milliseconds(1));
    Draft made{user(author), {}};
    made.request.id = MessageId::mint(clock.now(), made.author.user);
    made.request.to.push_back({group.to_string(), group});
    made.request.content = std::move(content);
    return made;
  }
  Draft draft(const std::string& author, GroupId group, std::string text) {
    Content content;
    content.text = std::move(text);
    return draft(author, group, std::move(content));
  }
  // To a person: in the direct group of the two.
  Draft draft(const std::string& author, const std::string& person, std::string text) {
    user(person);
    Draft made = draft(author, GroupId{}, std::move(text));
    made.request.to = {{"@" + person, std::nullopt}};
    return made;
  }

  // What became of a draft with one target.
  Result<Stored> send(const Draft& draft) {
    const auto receipt = run(send_message.run(draft.author, draft.request));
    if (!receipt) return forward(receipt);
    return receipt->targets.at(0).outcome;
  }
  Result<MessageId> say(const std::string& author, GroupId group, std::string text) {
    const Draft made = draft(author, group, std::move(text));
    const auto stored = send(made);
    if (!stored) return forward(stored);
    return made.id();
  }

  // The newest page, as somebody sees it.
  std::vector<ShownMessage> history(const std::string& reader, GroupId group) {
    HistoryRequest request;
    request.group = group;
    request.limit = kPageLimitMax;
    return value(past.page(user(reader), request)).messages;
  }
  std::vector<ShownMessage> history(const std::string& reader, const std::string& person) {
    return history(reader, direct_group_id(user(reader).user, user(person).user));
  }
  Result<Changes> changes(const std::string& reader, GroupId group,
                          std::optional<std::string> cursor = {}) {
    ChangesRequest request;
    request.group = group;
    request.cursor = std::move(cursor);
    return run(sync.changes(user(reader), std::move(request)));
  }

 private:
  struct Nothing {};
  static Task<Nothing> with_value(Task<void> task) {
    co_await std::move(task);
    co_return Nothing{};
  }
  template <class T>
  static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<T>> result) {
    result->emplace(co_await std::move(task));
  }
  // What cannot fail unless the test is wrong.
  template <class T>
  T value(Task<Result<T>> task) {
    auto result = run(std::move(task));
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : T{};
  }

  TaskGroup tasks_{"world"};
  testing::ScopedTrace trace_;
};

}  // namespace tidings
