#include "core/status_feed.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/parallel.h"
#include "core/poll_interval.h"
#include "model/cursor.h"

namespace tidings {
namespace {

// Memberships that one answer may look at, whether or not their groups changed.
constexpr std::size_t kLookedAtMax = 2'000;
constexpr std::size_t kChunk = 200;
// Of one answer, so that one reader does not fill the window of the store.
constexpr std::size_t kReadsAtOnce = 32;

Result<void> check_request(const StatusRequest& request) {
  if (request.limit < 1 || request.limit > kPageLimitMax) {
    return fail_field("limit", "A limit is 1 to 200.");
  }
  if (request.users.size() > kStatusUsersMax) return fail_field("users", "At most 100 users.");
  if (request.cursor && request.since) {
    return fail_field("since", "Give a cursor or a time, not both.");
  }
  return {};
}

// Where a request begins, or goes on: the round, and what it has passed.
Result<StatusCursor> round_of(const StatusRequest& request, StoreEpoch epoch, Time now) {
  StatusCursor round{epoch, now, request.since, {}};
  if (!request.cursor) return round;
  auto cursor = decode_status_cursor(*request.cursor);
  if (!cursor) return forward(cursor);
  if (cursor->after) return cursor;
  // Made by a clock that was wrong: nobody knows what it compares with.
  const bool is_of_the_future = cursor->watermark > now + kClockSkewMax;
  if (!is_of_the_future) round.since = cursor->watermark;
  return round;
}

// Whether something stamped `at` may have happened since the round before began: what was stamped
// a little earlier may not have been visible to it, or have been shown as this worker remembered
// it.
bool is_since(const std::optional<Time>& at, const StatusCursor& round) {
  return !round.since || (at && *at >= *round.since - kLateOverlap - Directory::kLife);
}

template <class T>
bool is_gone(const Result<T>& read) {
  return !read && read.error().code == ErrorCode::UnknownGroup;
}

}  // namespace

Task<Result<Status>> StatusFeed::run(Caller caller, StatusRequest request) {
  if (auto valid = check_request(request); !valid) co_return forward(valid);
  const Time now = clock_.now();
  if (!clock_guard_.in()) co_return clock_is_out();
  auto round = round_of(request, messages_.epoch(), now);
  if (!round) co_return forward(round);
  const bool is_costly = request.with_unread || request.with_last;
  const std::size_t limit = is_costly ? std::min(request.limit, kStatusWithMax) : request.limit;

  Status status;
  status.next_poll = status_poll_interval(caller.user, now);
  status.more = true;
  std::size_t looked_at = 0;
  while (status.more && looked_at < kLookedAtMax) {
    const GroupId after = round->after.value_or(GroupId{});
    // Where all are listed, none is looked at that this answer has no room for, but to see whether
    // there are more.
    const std::size_t room = limit - status.groups.size();
    const std::size_t wanted = round->since ? kChunk : room + 1;
    auto chunk = co_await groups_.groups_of(caller.user, after, wanted);
    if (!chunk) co_return forward(chunk);
    looked_at += wanted;
    std::vector<GroupId> ids;
    for (const Membership& membership : *chunk) ids.push_back(membership.group);
    auto heads = co_await messages_.heads(std::move(ids));
    if (!heads) co_return forward(heads);

    bool is_full = false;
    std::vector<Listed> listed;
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      const Membership& membership = (*chunk)[i];
      const std::optional<Time> head = (*heads)[i];
      const bool moved = is_since(membership.changed_at, *round);
      if (membership.role == Role::None) {
        if (moved && round->since) status.removed.push_back(membership.group);
      } else if (moved || is_since(head, *round)) {
        is_full = listed.size() == room;
        if (is_full) break;
        listed.push_back({membership, head});
      }
      round->after = membership.group;
    }
    std::vector<GroupId> gone;
    const auto added = co_await add_groups(caller, request, std::move(listed), status.groups, gone);
    if (!added) co_return forward(added);
    if (round->since) std::ranges::copy(gone, std::back_inserter(status.removed));
    status.more = is_full || chunk->size() == wanted;
    if (is_full) break;
  }
  if (!status.more) {
    round->since.reset();
    round->after.reset();
  }
  status.cursor = encode(*round);
  if (request.users.empty()) co_return status;
  auto users = co_await statuses_.shown(caller, std::move(request.users));
  if (!users) co_return forward(users);
  status.users = std::move(*users);
  co_return status;
}

// Those that were deleted, or that the caller left this moment, are `gone`.
Task<Result<void>> StatusFeed::add_groups(const Caller& caller, const StatusRequest& request,
                                          std::vector<Listed> listed,
                                          std::vector<GroupStatus>& groups,
                                          std::vector<GroupId>& gone) {
  std::vector<Task<Result<std::optional<GroupStatus>>>> reads;
  reads.reserve(listed.size());
  for (const Listed& one : listed) reads.push_back(status_of(caller, one, request));
  auto reading = all_of(std::move(reads), kReadsAtOnce);
  auto found = co_await std::move(reading);
  if (!found) co_return forward(found);
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (auto& status = (*found)[i]) {
      groups.push_back(std::move(*status));
    } else {
      gone.push_back(listed[i].membership.group);
    }
  }
  co_return Result<void>();
}

Task<Result<std::optional<GroupStatus>>> StatusFeed::status_of(Caller caller, Listed listed,
                                                               StatusRequest request) {
  const GroupId id = listed.membership.group;
  const auto group = co_await directory_.group(id);
  if (is_gone(group)) co_return std::optional<GroupStatus>();
  if (!group) co_return forward(group);
  GroupStatus status;
  status.group = **group;
  status.role = listed.membership.role;
  status.last_updated = listed.head.value_or(status.group.created_at);
  const auto size = co_await groups_.count_members(id);
  if (!size) co_return forward(size);
  status.size = *size;
  if (request.with_unread) {
    const auto unread = co_await read_marks_.unread(caller, id);
    if (is_gone(unread)) co_return std::optional<GroupStatus>();
    if (!unread) co_return forward(unread);
    status.unread = *unread;
  }
  if (request.with_last) {
    HistoryRequest newest;
    newest.group = id;
    newest.limit = 1;
    auto page = co_await history_.page(caller, newest);
    if (is_gone(page)) co_return std::optional<GroupStatus>();
    if (!page) co_return forward(page);
    if (!page->messages.empty()) status.last_message = std::move(page->messages.back());
  }
  co_return std::optional(std::move(status));
}

}  // namespace tidings
