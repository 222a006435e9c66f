#pragma once

#include <functional>
#include <utility>

#include "adapters/memory/memory_group_store.h"
#include "adapters/memory/memory_user_store.h"

// Stores in which somebody else is faster: a rival acts once, after somebody has read a row and
// before what they made of it is stored.
namespace tidings {

class ContestedGroups final : public MemoryGroupStore {
 public:
  std::function<void()> group_rival;
  std::function<void()> member_rival;

  Task<Result<bool>> compare_and_set(Group group) override {
    if (group_rival) std::exchange(group_rival, nullptr)();
    return MemoryGroupStore::compare_and_set(std::move(group));
  }
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override {
    if (member_rival) std::exchange(member_rival, nullptr)();
    return MemoryGroupStore::compare_and_set_member(group, std::move(member));
  }
};

class ContestedUsers final : public MemoryUserStore {
 public:
  std::function<void()> rival;

  Task<Result<bool>> compare_and_set(User user) override {
    if (rival) std::exchange(rival, nullptr)();
    return MemoryUserStore::compare_and_set(std::move(user));
  }
};

}  // namespace tidings
