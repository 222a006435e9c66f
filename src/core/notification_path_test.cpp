// The whole way of a wake-up, on threads: marker, queue, workers, presence, gateway.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_group_store.h"
#include "adapters/memory/memory_presence.h"
#include "adapters/memory/memory_user_store.h"
#include "base/run_loop.h"
#include "base/task_group.h"
#include "core/gateway.h"
#include "core/local_gateways.h"
#include "core/marker.h"
#include "core/notification_worker.h"

namespace tidings {
namespace {

constexpr int kGroups = 12;
constexpr int kUsers = 8;
constexpr int kMembers = 4;
constexpr int kChanges = 600;

struct Watched {
  GroupId id{Uuid::v4()};
  std::atomic<int> changes = 0;
  std::map<UserId, std::atomic<int>> heard;  // how many changes there were when a member was told
};

// Somebody who acknowledges at once.
class Listener final : public Subscriber {
 public:
  Listener(UserId user, Gateway& gateway, std::map<GroupId, Watched*>& groups)
      : user_(user), gateway_(gateway), groups_(groups) {}

  Task<void> changed(std::uint64_t n, Time, std::vector<GroupId> changed) override {
    for (const GroupId id : changed) {
      Watched& group = *groups_.at(id);
      group.heard.at(user_) = group.changes.load();
    }
    gateway_.acked(connection, n);
    co_return;
  }
  Task<void> recheck() override { co_return; }
  Task<void> session_ended() override { co_return; }

  Gateway::ConnectionRef connection;

 private:
  UserId user_;
  Gateway& gateway_;
  std::map<GroupId, Watched*>& groups_;
};

struct World {
  World() {
    for (int user = 0; user < kUsers; ++user) users.push_back({Uuid::v4()});
    for (int index = 0; index < kGroups; ++index) {
      Watched& group = watched[static_cast<std::size_t>(index)];
      by_id[group.id] = &group;
      Group stored;
      stored.id = group.id;
      block_on(groups.create(stored));
      for (int member = 0; member < kMembers; ++member) {
        const UserId user = users[static_cast<std::size_t>((index + member) % kUsers)];
        group.heard[user] = 0;
        const Member joining{user, "someone", Role::Member, {}, {}};
        block_on(groups.compare_and_set_member(group.id, joining));
      }
    }
    block_on(gateway.beat());
  }

  bool everybody_heard() {
    return std::ranges::all_of(watched, [](const Watched& group) {
      return std::ranges::all_of(
          group.heard, [&group](const auto& member) { return member.second == group.changes; });
    });
  }

  SystemClock clock;
  MemoryGroupQueue queue{clock};
  MemoryPresence presence{clock};
  MemoryGroupStore groups;
  MemoryUserStore no_users;
  Directory directory{groups, no_users, clock};
  Marker marker{queue, clock};
  std::vector<RunLoop> loops{2};
  Gateway gateway{{"local", 1}, {&loops[0], &loops[1]}, presence, clock};
  LocalGateways gateways{gateway};
  std::vector<UserId> users;
  std::vector<Watched> watched{kGroups};
  std::map<GroupId, Watched*> by_id;
  std::atomic<bool> done = false;
};

// One loop with a worker of its own and every second connection.
Task<void> live(World& world, std::size_t index) {
  NotificationWorker worker(world.queue, world.directory, world.presence, world.gateways,
                            world.clock, {.claim_wait = milliseconds(20)});
  TaskGroup tasks("test");
  tasks.spawn(world.gateway.run());
  std::vector<std::unique_ptr<Listener>> listeners;
  for (std::size_t user = index; user < world.users.size(); user += world.loops.size()) {
    auto& listener = *listeners.emplace_back(
        std::make_unique<Listener>(world.users[user], world.gateway, world.by_id));
    Caller caller;
    caller.user = world.users[user];
    auto opening = world.gateway.open(std::move(caller), listener);
    auto opened = co_await std::move(opening);
    listener.connection = *opened;
    world.gateway.begin(listener.connection);
  }
  tasks.spawn(worker.run());
  while (!world.done) co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(5));
  worker.request_stop();
  world.gateway.request_stop();
  co_await tasks.join();
  for (const auto& listener : listeners) {
    auto closing = world.gateway.close(listener->connection);
    co_await std::move(closing);
  }
}

Task<void> a_few_turns() {
  for (int turn = 0; turn < 3; ++turn) {
    co_await sleep_until(std::chrono::steady_clock::now());
  }
}

TEST(NotificationPath, TellsEveryMemberOfTheLastChangeWhateverTheThreadsDo) {
  World world;
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index < world.loops.size(); ++index) {
    threads.emplace_back([&world, index] { world.loops[index].run(live(world, index)); });
  }
  while (world.gateway.stats().connections < kUsers) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  std::vector<std::thread> senders;
  for (std::size_t sender = 0; sender < 2; ++sender) {
    senders.emplace_back([&world, sender] {
      for (std::size_t change = 0; change < kChanges; ++change) {
        Watched& group = world.watched[(change * 5 + sender) % kGroups];
        ++group.changes;
        world.marker.changed(group.id);
      }
    });
  }
  for (auto& sender : senders) sender.join();
  for (int tries = 0; tries < 4'000 && !world.everybody_heard(); ++tries) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_TRUE(world.everybody_heard());
  world.done = true;
  for (auto& thread : threads) thread.join();
  block_on(world.marker.stop());
  // What one thread posted to the other's loop behind its end.
  for (RunLoop& loop : world.loops) loop.run(a_few_turns());
  block_on(world.gateway.stop());
}

}  // namespace
}  // namespace tidings
