#pragma once

#include "adapters/rocks/commit_batcher.h"
#include "adapters/rocks/reader.h"
#include "ports/group_store.h"

namespace tidings::rocks {

// Groups, their members, and the index of groups by user. Each change of a member changes both
// sides and the count in one batch, so they always agree.
class RocksGroupStore final : public GroupStore {
 public:
  RocksGroupStore(Database& database, CommitBatcher& batcher, Reader& reader)
      : database_(database), batcher_(batcher), reader_(reader) {}

  Task<Result<std::optional<Group>>> create(Group group) override;
  Task<Result<bool>> compare_and_set(Group group) override;
  Task<Result<std::optional<Group>>> find(GroupId group) override;
  Task<Result<bool>> compare_and_set_member(GroupId group, Member member) override;
  Task<Result<std::optional<Member>>> find_member(GroupId group, UserId user) override;
  Task<Result<std::vector<Member>>> members(GroupId group, UserId after, std::size_t limit,
                                            Time changed_since) override;
  Task<Result<std::size_t>> count_members(GroupId group) override;
  Task<Result<std::vector<Membership>>> groups_of(UserId user, GroupId after,
                                                  std::size_t limit) override;

 private:
  Database& database_;
  CommitBatcher& batcher_;
  Reader& reader_;
};

}  // namespace tidings::rocks
