#include "core/notification_worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_presence.h"
#include "base/completion.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "base/task_group.h"

namespace tidings {
namespace {

// Who is in which group, as the directory reads it.
class Groups final : public GroupStore {
 public:
  Task<Result<std::optional<Group>>> create(Group) override { co_return std::nullopt; }
  Task<Result<bool>> compare_and_set(Group) override { co_return true; }
  Task<Result<std::optional<Group>>> find(GroupId) override { co_return std::nullopt; }
  Task<Result<bool>> compare_and_set_member(GroupId, Member) override { co_return true; }
  Task<Result<std::optional<Member>>> find_member(GroupId, UserId) override {
    co_return std::nullopt;
  }
  Task<Result<std::vector<Member>>> members(GroupId id, UserId after, std::size_t limit,
                                            Time) override {
    if (broken) co_return fail(ErrorCode::Unavailable);
    if (during_read) {
      const auto act = std::exchange(during_read, nullptr);
      act();
    }
    std::vector<Member> found;
    for (const UserId user : members_of[id]) {
      if (after < user && found.size() < limit) {
        found.push_back({user, "someone", Role::Member, {}, {}});
      }
    }
    std::ranges::sort(found, {}, &Member::user);
    co_return found;
  }
  Task<Result<std::size_t>> count_members(GroupId id) override { co_return members_of[id].size(); }
  Task<Result<std::vector<Membership>>> groups_of(UserId, GroupId, std::size_t) override {
    co_return std::vector<Membership>{};
  }

  std::map<GroupId, std::vector<UserId>> members_of;
  bool broken = false;
  std::function<void()> during_read;
};

class NoUsers final : public UserStore {
 public:
  Task<Result<std::optional<User>>> create(User) override { co_return std::nullopt; }
  Task<Result<bool>> compare_and_set(User) override { co_return true; }
  Task<Result<void>> seen(UserId, Time) override { co_return {}; }
  Task<Result<std::optional<User>>> find(UserId) override { co_return std::nullopt; }
  Task<Result<std::optional<User>>> find_by_name(std::string) override { co_return std::nullopt; }
  Task<Result<std::vector<User>>> list(std::string, std::size_t) override {
    co_return std::vector<User>{};
  }
  Task<Result<std::vector<User>>> list_ended(UserId, std::size_t) override {
    co_return std::vector<User>{};
  }
  Task<Result<void>> put_block(UserId, UserId, bool) override { co_return {}; }
  Task<Result<bool>> is_blocked(UserId, UserId) override { co_return false; }
  Task<Result<std::vector<UserId>>> blocked_by(UserId, UserId, std::size_t) override {
    co_return std::vector<UserId>{};
  }
};

// Gateways that write down what they are told, and can be gone or slow.
class FakeGateways final : public Gateways {
 public:
  struct Told {
    GatewayId gateway;
    std::optional<GroupId> group;  // nothing for `recheck`
    std::vector<UserId> users;
  };
  Task<Result<void>> changed(GatewayId gateway, GroupId group, std::vector<UserId> users) override {
    if (slow) co_await *std::exchange(slow, nullptr);
    if (gateway.address == gone) co_return fail(ErrorCode::Unavailable);
    told.push_back({std::move(gateway), group, std::move(users)});
    co_return {};
  }
  Task<Result<void>> recheck(GatewayId gateway, std::vector<UserId> users) override {
    if (gateway.address == gone) co_return fail(ErrorCode::Unavailable);
    told.push_back({std::move(gateway), std::nullopt, std::move(users)});
    co_return {};
  }

  std::vector<Told> told;
  std::string gone;
  Completion<bool>* slow = nullptr;
};

struct NotificationWorkerTest : testing::Test {
  GroupId make_group(std::vector<UserId> members) {
    const GroupId group{Uuid::v4()};
    groups.members_of[group] = std::move(members);
    return group;
  }
  UserId connect(const GatewayId& gateway) {
    const UserId user{Uuid::v4()};
    block_on(presence.heartbeat(gateway));
    block_on(presence.connected(user, gateway));
    return user;
  }
  void keep_alive(std::initializer_list<GatewayId> gateways_alive) {
    for (const GatewayId& gateway : gateways_alive) block_on(presence.heartbeat(gateway));
  }
  void mark(GroupId group) { block_on(queue.mark(group)); }
  std::size_t work() { return block_on(worker.claim_once(milliseconds(0))).value(); }
  GroupQueue::Depth depth() { return block_on(queue.depth()).value(); }

  ManualClock clock;
  MemoryGroupQueue queue{clock};
  MemoryPresence presence{clock};
  Groups groups;
  NoUsers users;
  Directory directory{groups, users, clock};
  FakeGateways gateways;
  NotificationWorker worker{queue, directory, presence, gateways, clock};
  const GatewayId east{"east", 1};
  const GatewayId west{"west", 1};
};

TEST_F(NotificationWorkerTest, CallsEachGatewayOnceForAllItsMembers) {
  const UserId alice = connect(east);
  const UserId bob = connect(east);
  const UserId carol = connect(west);
  const GroupId group = make_group({alice, bob, carol, UserId{Uuid::v4()}});
  mark(group);
  EXPECT_EQ(work(), 1u);
  ASSERT_EQ(gateways.told.size(), 2u);
  std::ranges::sort(gateways.told, {}, &FakeGateways::Told::gateway);
  EXPECT_EQ(gateways.told[0].gateway, east);
  EXPECT_EQ(gateways.told[0].group, group);
  EXPECT_EQ(gateways.told[0].users.size(), 2u);
  EXPECT_EQ(gateways.told[1].users, std::vector{carol});
  EXPECT_EQ(depth().leased, 0u);
}

TEST_F(NotificationWorkerTest, AcknowledgesAGroupOfWhichNobodyIsConnected) {
  mark(make_group({UserId{Uuid::v4()}}));
  EXPECT_EQ(work(), 1u);
  EXPECT_TRUE(gateways.told.empty());
  EXPECT_EQ(depth().leased, 0u);
}

TEST_F(NotificationWorkerTest, ClearsTheMarkBeforeItReadsMembers) {
  const GroupId group = make_group({connect(east)});
  groups.during_read = [&] { mark(group); };
  mark(group);
  work();
  EXPECT_EQ(depth().waiting, 1u);
  clock.advance(milliseconds(250));
  work();
  EXPECT_EQ(gateways.told.size(), 2u);
}

TEST_F(NotificationWorkerTest, TellsWhoWasAddedALittleWhileAgo) {
  const UserId alice = connect(east);
  const UserId bob = connect(east);
  const GroupId group = make_group({alice});
  mark(group);
  work();
  groups.members_of[group].push_back(bob);  // by another worker: nobody says so here
  clock.advance(milliseconds(250));
  mark(group);
  work();
  ASSERT_EQ(gateways.told.size(), 2u);
  EXPECT_EQ(gateways.told.back().users.size(), 2u);
}

TEST_F(NotificationWorkerTest, DropsAGroupThatDoesNotExist) {
  mark(GroupId{Uuid::v4()});
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(depth().leased, 0u);
}

TEST_F(NotificationWorkerTest, TriesAgainWhenAGatewayDidNotAnswer) {
  const UserId alice = connect(east);
  const UserId bob = connect(west);
  const GroupId group = make_group({alice, bob});
  gateways.gone = "west";
  mark(group);
  work();
  EXPECT_EQ(depth().leased, 1u);
  EXPECT_EQ(worker.stats().failed, 1u);
  gateways.gone.clear();
  gateways.told.clear();
  clock.advance(milliseconds(4'001));
  block_on(worker.reap());
  work();
  EXPECT_EQ(gateways.told.size(), 2u);
  EXPECT_EQ(depth().leased, 0u);
}

TEST_F(NotificationWorkerTest, TakesUpTheClaimOfAWorkerThatDied) {
  const GroupId group = make_group({connect(east)});
  mark(group);
  ASSERT_EQ(block_on(queue.claim(1, milliseconds(0))).value().size(), 1u);
  EXPECT_EQ(work(), 0u);
  clock.advance(milliseconds(4'001));
  block_on(worker.reap());
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(gateways.told.size(), 1u);
}

TEST_F(NotificationWorkerTest, AsksForARecheckAfterThreeLeases) {
  const UserId alice = connect(east);
  const UserId bob = connect(west);
  const GroupId group = make_group({alice, bob});
  groups.broken = true;
  mark(group);
  for (int lease = 1; lease <= 3; ++lease) {
    EXPECT_EQ(work(), 1u);
    clock.advance(milliseconds(4'001));
    if (lease == 3) groups.broken = false;
    keep_alive({east, west});
    block_on(worker.reap());
  }
  ASSERT_EQ(gateways.told.size(), 2u);
  EXPECT_FALSE(gateways.told[0].group.has_value());
  EXPECT_FALSE(gateways.told[1].group.has_value());
  EXPECT_EQ(worker.stats().given_up, 1u);
  EXPECT_EQ(depth().waiting, 0u);
}

TEST_F(NotificationWorkerTest, KeepsAGroupWhoseMembersCannotBeFoundAtAll) {
  const GroupId group = make_group({connect(east)});
  groups.broken = true;
  mark(group);
  for (int lease = 1; lease <= 3; ++lease) {
    EXPECT_EQ(work(), 1u);
    clock.advance(milliseconds(4'001));
    block_on(worker.reap());
  }
  EXPECT_EQ(worker.stats().given_up, 1u);
  groups.broken = false;
  keep_alive({east});
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(gateways.told.size(), 1u);
}

Task<void> claim(NotificationWorker& worker) {
  auto claiming = worker.claim_once(milliseconds(0));
  co_await std::move(claiming);
}
Task<void> work_slowly(NotificationWorkerTest& test, GroupId group) {
  Completion<bool> answered;
  test.gateways.slow = &answered;
  auto claiming = test.worker.claim_once(milliseconds(0));
  co_await std::move(claiming);
  for (int second = 0; second < 12; ++second) {
    test.clock.advance(seconds(1));
    auto beating = test.presence.heartbeat(test.east);
    co_await std::move(beating);
    auto renewing = test.worker.renew_claims();
    co_await std::move(renewing);
    auto reaping = test.worker.reap();
    co_await std::move(reaping);
  }
  auto looking = test.queue.depth();
  const auto depth = co_await std::move(looking);
  EXPECT_EQ(depth->leased, 1u);
  EXPECT_EQ(depth->waiting, 0u);
  // What changes meanwhile does not wait for the slow call.
  auto marking = test.queue.mark(group);
  co_await std::move(marking);
  auto claiming_again = test.worker.claim_once(milliseconds(0));
  const auto claimed = co_await std::move(claiming_again);
  EXPECT_EQ(claimed.value(), 1u);
  answered.set(true);
  for (int turn = 0; turn < 3; ++turn) {
    co_await sleep_until(std::chrono::steady_clock::now());
  }
}

TEST_F(NotificationWorkerTest, RenewsAClaimWhoseWorkTakesLong) {
  const GroupId group = make_group({connect(east)});
  mark(group);
  block_on(work_slowly(*this, group));
  EXPECT_EQ(gateways.told.size(), 2u);
  EXPECT_EQ(depth().leased, 0u);
}

Task<void> fill_up(NotificationWorkerTest& test, NotificationWorker& small) {
  Completion<bool> answered;
  test.gateways.slow = &answered;
  auto claiming = small.claim_once(milliseconds(0));
  const auto claimed = co_await std::move(claiming);
  EXPECT_EQ(claimed.value(), 1u);
  TaskGroup tasks("test");
  tasks.spawn(claim(small));
  EXPECT_EQ(small.stats().claimed, 1u);
  answered.set(true);
  co_await tasks.join();
  EXPECT_EQ(small.stats().claimed, 2u);
}

TEST_F(NotificationWorkerTest, ClaimsNoMoreThanItWorksOnAtOnce) {
  NotificationWorker small(queue, directory, presence, gateways, clock, {.groups_at_once = 1});
  mark(make_group({connect(east)}));
  mark(make_group({connect(east)}));
  block_on(fill_up(*this, small));
  EXPECT_EQ(gateways.told.size(), 2u);
}

Task<void> mark_and_stop(GroupQueue& queue, NotificationWorker& worker, GroupId group,
                         FakeGateways& gateways) {
  auto marking = queue.mark(group);
  co_await std::move(marking);
  while (gateways.told.empty()) co_await sleep_until(std::chrono::steady_clock::now());
  worker.request_stop();
}
Task<void> run_until_told(NotificationWorkerTest& test, GroupId group) {
  TaskGroup tasks("test");
  tasks.spawn(test.worker.run());
  tasks.spawn(mark_and_stop(test.queue, test.worker, group, test.gateways));
  co_await tasks.join();
}
TEST_F(NotificationWorkerTest, RunsUntilItIsStopped) {
  const GroupId group = make_group({connect(east)});
  block_on(run_until_told(*this, group));
  EXPECT_EQ(gateways.told.size(), 1u);
}

}  // namespace
}  // namespace tidings
