#include "core/direct_groups.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/test_people.h"

namespace tidings {
namespace {

// Fails when so many writes were done, as when their maker is killed there.
class BreakingGroups final : public MemoryGroupStore {
 public:
  int writes_left = 0;

  Task<Result<std::optional<Group>>> create(Group group) override {
    if (writes_left-- <= 0) co_return fail(ErrorCode::Unavailable);
    co_return co_await MemoryGroupStore::create(std::move(group));
  }
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override {
    if (writes_left-- <= 0) co_return fail(ErrorCode::Unavailable);
    co_return co_await MemoryGroupStore::compare_and_set_member(group, std::move(member));
  }
};

// Whoever may write in it must find the other one there, else the other one misses what is said.
TEST(DirectGroups, AreThereForNobodyUntilBothAreInThem) {
  constexpr int kWrites = 3;
  for (int done = 0; done <= kWrites; ++done) {
    PeopleWorld world;
    const Caller alice = world.person("alice");
    const Caller bob = world.person("bob");
    const GroupId id = direct_group_id(alice.user, bob.user);
    BreakingGroups store;
    Directory directory(store, world.users, world.clock);
    DirectGroups direct_groups(store, directory, world.clock);
    const auto make = [&](const Caller& caller, const Caller& other) {
      return block_on(direct_groups.make(caller, block_on(directory.user(other.user)).value()));
    };

    store.writes_left = done;
    EXPECT_EQ(make(alice, bob).has_value(), done == kWrites);
    for (const Caller& one : {alice, bob}) {
      EXPECT_EQ(block_on(directory.standing(id, one.user)).has_value(), done == kWrites) << done;
    }

    store.writes_left = kWrites;
    EXPECT_TRUE(make(bob, alice).has_value());
    EXPECT_TRUE(block_on(directory.standing(id, alice.user)).has_value());
    EXPECT_EQ(block_on(store.count_members(id)).value(), 2U) << done;
  }
}

}  // namespace
}  // namespace tidings
