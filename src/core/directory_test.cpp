#include "core/directory.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <utility>

#include "core/test_people.h"

namespace tidings {
namespace {

// Runs something once in the middle of a read: after the store has looked, before it answers.
class InterruptedGroups final : public GroupStore {
 public:
  explicit InterruptedGroups(GroupStore& store) : store_(store) {}
  std::function<void()> interrupt;
  int reads = 0;

  Task<Result<std::optional<Group>>> create(Group group) override { return store_.create(group); }
  Task<Result<bool>> compare_and_set(Group group) override { return store_.compare_and_set(group); }
  Task<Result<std::optional<Group>>> find(GroupId group) override {
    return interrupted(store_.find(group));
  }
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override {
    return store_.compare_and_set_member(group, member);
  }
  Task<Result<std::optional<Member>>> find_member(GroupId group, UserId user) override {
    return interrupted(store_.find_member(group, user));
  }
  Task<Result<std::vector<Member>>> members(GroupId group, UserId after, std::size_t limit,
                                            Time changed_since) override {
    return interrupted(store_.members(group, after, limit, changed_since));
  }
  Task<Result<std::size_t>> count_members(GroupId group) override {
    return store_.count_members(group);
  }
  Task<Result<std::vector<Membership>>> groups_of(UserId user, GroupId after,
                                                  std::size_t limit) override {
    return store_.groups_of(user, after, limit);
  }

 private:
  template <class T>
  Task<Result<T>> interrupted(Task<Result<T>> read) {
    ++reads;
    auto found = co_await std::move(read);
    if (interrupt) std::exchange(interrupt, nullptr)();
    co_return found;
  }
  GroupStore& store_;
};

struct DirectoryWorld : PeopleWorld {
  InterruptedGroups store{PeopleWorld::groups};
  Directory directory{store, users, clock};
  Caller alice = person("alice");
  Caller bob = person("bob");
  GroupId friends = group(alice, {"bob"});

  Result<std::shared_ptr<const Standing>> standing(const Caller& user) {
    return block_on(directory.standing(friends, user.user));
  }
  void set_role(const Caller& user, Role role) {
    auto member = block_on(PeopleWorld::groups.find_member(friends, user.user)).value().value();
    member.role = role;
    member.changed_at = clock.now();
    ASSERT_TRUE(block_on(PeopleWorld::groups.compare_and_set_member(friends, member)).value());
  }
  void rename(std::string name) {
    Group group = stored(friends);
    group.name = std::move(name);
    ASSERT_TRUE(block_on(PeopleWorld::groups.compare_and_set(group)).value());
  }
};

TEST(Directory, ReadsOnceInFourSeconds) {
  DirectoryWorld world;
  const auto first = world.standing(world.bob);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ((*first)->member.role, Role::Member);
  EXPECT_EQ((*first)->group.name, "friends");
  const int reads = world.store.reads;
  world.clock.advance(milliseconds(3'999));
  EXPECT_EQ(world.standing(world.bob).value(), *first);
  EXPECT_EQ(world.store.reads, reads);
  world.clock.advance(milliseconds(1));
  EXPECT_TRUE(world.standing(world.bob).has_value());
  EXPECT_GT(world.store.reads, reads);
  EXPECT_GE(world.directory.stats().hits, 1U);
}

TEST(Directory, ReadsADirectGroupOnce) {
  DirectoryWorld world;
  const GroupId id = direct_group_id(world.alice.user, world.bob.user);
  Group group;
  group.id = id;
  group.kind = GroupKind::Direct;
  ASSERT_TRUE(block_on(world.PeopleWorld::groups.create(group)).has_value());
  const auto ask = [&] {
    const auto standing = block_on(world.directory.standing(id, world.bob.user));
    const auto members = block_on(world.directory.concerned(id));
    return standing.has_value() && members.value()->size() == 2;
  };
  EXPECT_FALSE(ask());  // what is not whole is not remembered for as long
  for (const Caller& one : {world.alice, world.bob}) {
    Member member;
    member.user = one.user;
    ASSERT_TRUE(block_on(world.PeopleWorld::groups.compare_and_set_member(id, member)).value());
  }
  world.pass_cache_life();
  ASSERT_TRUE(ask());
  const int reads = world.store.reads;
  world.clock.advance(seconds(86'400));
  EXPECT_TRUE(ask());
  EXPECT_EQ(world.store.reads, reads);
}

TEST(Directory, SaysNothingOlderThanFourSecondsThoughItsPartsWereReadApart) {
  DirectoryWorld world;
  ASSERT_TRUE(block_on(world.directory.group(world.friends)).has_value());
  world.clock.advance(seconds(3));
  ASSERT_TRUE(world.standing(world.bob).has_value());  // with the group read 3 s ago
  world.rename("foes");
  world.clock.advance(seconds(1));
  EXPECT_EQ(world.standing(world.bob).value()->group.name, "foes");
}

TEST(Directory, LetsSomebodyRemovedGoWithinFourSecondsAndAtOnceWhenTold) {
  DirectoryWorld world;
  ASSERT_TRUE(world.standing(world.bob).has_value());
  world.set_role(world.bob, Role::None);
  EXPECT_TRUE(world.standing(world.bob).has_value());
  world.pass_cache_life();
  EXPECT_EQ(code_of(world.standing(world.bob)), ErrorCode::UnknownGroup);

  world.set_role(world.bob, Role::Reader);
  ASSERT_TRUE(world.standing(world.bob).has_value());
  world.set_role(world.bob, Role::None);
  world.directory.forget(world.friends, world.bob.user);
  EXPECT_EQ(code_of(world.standing(world.bob)), ErrorCode::UnknownGroup);
}

TEST(Directory, RemembersNobodyAsAbsent) {
  DirectoryWorld world;
  world.set_role(world.bob, Role::None);
  EXPECT_EQ(code_of(world.standing(world.bob)), ErrorCode::UnknownGroup);
  world.set_role(world.bob, Role::Member);  // by another worker: nobody says so
  EXPECT_TRUE(world.standing(world.bob).has_value());
  EXPECT_EQ(code_of(block_on(world.directory.user_by_name("carol"))), ErrorCode::UnknownUser);
  world.person("carol");
  EXPECT_TRUE(block_on(world.directory.user_by_name("carol")).has_value());
}

TEST(Directory, DoesNotTellADeletedGroupFromNone) {
  DirectoryWorld world;
  ASSERT_TRUE(world.standing(world.bob).has_value());
  Group group = world.stored(world.friends);
  group.deleted_at = world.clock.now();
  ASSERT_TRUE(block_on(world.PeopleWorld::groups.compare_and_set(group)).value());
  world.directory.forget(world.friends);
  EXPECT_EQ(code_of(world.standing(world.bob)), ErrorCode::UnknownGroup);
  EXPECT_EQ(code_of(block_on(world.directory.group(world.friends))), ErrorCode::UnknownGroup);
  EXPECT_EQ(code_of(block_on(world.directory.group(GroupId{Uuid::v4()}))), ErrorCode::UnknownGroup);
}

// The change comes when the store has looked already, and is told before the read is over.
TEST(Directory, KeepsNoOldValueWhenAChangeIsToldDuringTheRead) {
  DirectoryWorld world;
  world.store.interrupt = [&] {
    world.rename("foes");
    world.directory.forget(world.friends);
  };
  ASSERT_TRUE(block_on(world.directory.group(world.friends)).has_value());
  EXPECT_EQ(block_on(world.directory.group(world.friends)).value()->name, "foes");

  world.pass_cache_life();
  ASSERT_TRUE(block_on(world.directory.group(world.friends)).has_value());
  world.store.interrupt = [&] {
    world.set_role(world.bob, Role::None);
    world.directory.forget(world.friends, world.bob.user);
  };
  static_cast<void>(world.standing(world.bob));
  EXPECT_EQ(code_of(world.standing(world.bob)), ErrorCode::UnknownGroup);
}

TEST(Directory, NamesThoseWhomAChangeOfAGroupConcernsNow) {
  DirectoryWorld world;
  const auto count = [&] {
    return block_on(world.directory.concerned(world.friends)).value()->size();
  };
  EXPECT_EQ(count(), 2U);
  world.set_role(world.bob, Role::None);  // by another worker: nobody says so
  EXPECT_EQ(count(), 2U);                 // bob is to hear that he was removed
  world.clock.advance(milliseconds(5'001));
  EXPECT_EQ(count(), 1U);
}

TEST(Directory, ForgetsAUserByIdAndByName) {
  DirectoryWorld world;
  ASSERT_TRUE(block_on(world.directory.user_by_name("bob")).has_value());
  User bob = block_on(world.users.find(world.bob.user)).value().value();
  bob.display_name = "Bob B.";
  ASSERT_TRUE(block_on(world.users.compare_and_set(bob)).value());
  world.directory.forget(bob.id);
  EXPECT_EQ(block_on(world.directory.user_by_name("bob")).value()->display_name, "Bob B.");
  EXPECT_EQ(block_on(world.directory.user(bob.id)).value()->display_name, "Bob B.");
  ++bob.version;
  bob.ended_at = world.clock.now();
  ASSERT_TRUE(block_on(world.users.compare_and_set(bob)).value());
  world.directory.forget(bob.id);
  EXPECT_EQ(code_of(block_on(world.directory.user_by_name("bob"))), ErrorCode::UnknownUser);
}

TEST(Directory, RemembersWhoBlocksWhom) {
  DirectoryWorld world;
  EXPECT_FALSE(block_on(world.directory.blocks(world.alice.user, world.bob.user)).value());
  ASSERT_TRUE(block_on(world.users.put_block(world.alice.user, world.bob.user, true)).has_value());
  world.directory.forget(world.alice.user);
  EXPECT_TRUE(block_on(world.directory.blocks(world.alice.user, world.bob.user)).value());
  EXPECT_FALSE(block_on(world.directory.blocks(world.bob.user, world.alice.user)).value());
}

TEST(Directory, ServesSeveralThreadsWhileOthersForget) {
  DirectoryWorld world;
  Directory& directory = world.worker.directory;
  const auto work = [&](int number) {
    for (int i = 0; i < 2'000; ++i) {
      EXPECT_TRUE(block_on(directory.standing(world.friends, world.bob.user)).has_value());
      EXPECT_TRUE(block_on(directory.user_by_name("alice")).has_value());
      EXPECT_TRUE(block_on(directory.concerned(world.friends)).has_value());
      if (i % 10 != number) continue;
      directory.forget(world.friends);
      directory.forget(world.friends, world.bob.user);
      directory.forget(world.alice.user);
    }
  };
  std::vector<std::thread> threads;
  for (int number = 0; number < 3; ++number) threads.emplace_back(work, number);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tidings
