#pragma once

#include <optional>
#include <vector>

#include "adapters/cassandra/timed_session.h"
#include "model/group.h"

namespace tidings::cassandra {

// The table user_groups: the groups of a user, an index of group_members, which decides.
//
// An entry is either settled, and then says what group_members says, or a question: somebody set
// out to change the member, and whoever reads the entry must ask group_members. A question is
// written before the member, the answer after it, and each version of the member has a timestamp
// for either:
//
//   question on the way to version v: 2v      settled by the row of version v: 2v + 1
//
// So whatever order writes arrive in, and wherever somebody crashes, the entry is the answer to the
// newest version or a question (docs/adr/0008). Errors of all methods: Unavailable, and Internal
// for a damaged row. Safe from any thread.
class MembershipIndex {
 public:
  struct Entry {
    GroupId group;
    std::optional<Membership> settled;  // nothing: a question
  };

  MembershipIndex(CqlSession& session, const Clock& clock) : session_(session, clock) {}
  Result<void> prepare();

  // Before somebody tries to bring the member to version `next`.
  Task<Result<void>> ask(UserId user, GroupId group, std::uint64_t next);
  // `member` is a row of group_members as it was read, or stored by a transaction that was applied.
  Task<Result<void>> settle(GroupId group, Member member);
  // By group id, with group > `after`; at most `limit`.
  Task<Result<std::vector<Entry>>> page(UserId user, GroupId after, std::size_t limit);

 private:
  TimedSession session_;
  CqlStatement put_;
  CqlStatement list_;
};

}  // namespace tidings::cassandra
