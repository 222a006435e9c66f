#pragma once

#include <memory>

#include "adapters/cassandra/member_table.h"
#include "adapters/cassandra/membership_index.h"
#include "ports/group_store.h"

namespace tidings::cassandra {

// Groups, their members, and the index of groups by user. Groups and members are set by lightweight
// transactions on their version. Safe from any thread.
class CassandraGroupStore final : public GroupStore {
 public:
  // The session and the clock outlive it. Blocks. Errors: as TimedSession::prepare
  static Result<std::unique_ptr<CassandraGroupStore>> open(CqlSession& session, const Clock& clock);

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
  CassandraGroupStore(CqlSession& session, const Clock& clock)
      : session_(session, clock), members_(session, clock), index_(session, clock) {}
  Result<void> prepare();
  Task<Result<std::optional<Membership>>> answer(UserId user, GroupId group);

  TimedSession session_;
  MemberTable members_;
  MembershipIndex index_;
  CqlStatement create_;
  CqlStatement set_;
  CqlStatement find_;
};

}  // namespace tidings::cassandra
