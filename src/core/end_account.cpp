#include "core/end_account.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "core/change_user.h"
#include "core/lost_race.h"
#include "model/limits.h"

namespace tidings {
namespace {

// Until then another worker may still believe a token (5 s) and be writing (2 s, and 1 s of skew).
constexpr milliseconds kBelievedFor = seconds(8);
constexpr milliseconds kTryAgainAfter = seconds(30);
constexpr std::size_t kJobsMax = 100'000;
constexpr std::size_t kUsersPerRead = 500;
constexpr std::size_t kGroupsPerRead = 200;
constexpr std::size_t kIdsPerRead = 1'000;

// The smallest id above `id`, which is not the last of all.
MessageId next_after(MessageId id) {
  for (std::size_t i = id.value.bytes.size(); i-- > 0;) {
    if (++id.value.bytes[i] != 0) break;
  }
  return id;
}

// Nothing is left of it but the name, which stays taken, and when it was.
void clear(User& user, Time now) {
  user.ended_at = now;
  user.display_name.clear();
  user.metadata.clear();
  user.password_hash.clear();
  user.status = ManualStatus::Auto;
  user.status_text.clear();
  user.accepts_direct = false;
  user.admin = false;
}

}  // namespace

EndAccount::EndAccount(UserStore& users, GroupStore& groups, MessageStore& messages,
                       SessionStore& keys, Sessions& sessions, Directory& directory,
                       Ownership& ownership, GroupChanges& changes, const Clock& clock)
    : users_(users),
      groups_(groups),
      messages_(messages),
      keys_(keys),
      sessions_(sessions),
      directory_(directory),
      ownership_(ownership),
      changes_(changes),
      clock_(clock) {}

Task<Result<void>> EndAccount::end(Caller caller) {
  UserChange change = [now = clock_.now()](User& user) -> Result<void> {
    if (!user.ended_at) clear(user, now);
    return {};
  };
  const auto user = co_await change_user(users_, directory_, caller.user, std::move(change));
  if (!user) co_return forward(user);
  enqueue(user->id, *user->ended_at + kBelievedFor);

  // From here on the job completes what fails: nobody could ask again without an account.
  const auto left = co_await leave_everything(user->id);
  if (!left) log_warn("end_account.left_to_the_job", {{"user", user->id.to_string()}});
  co_return {};
}

Task<Result<void>> EndAccount::find_unfinished() {
  UserId after{};
  for (;;) {
    const auto users = co_await users_.list_ended(after, kUsersPerRead);
    if (!users) co_return forward(users);
    if (users->empty()) co_return {};
    after = users->back().id;
    for (const User& user : *users) enqueue(user.id, *user.ended_at + kBelievedFor);
  }
}

Task<std::size_t> EndAccount::run_due() {
  std::size_t finished = 0;
  while (const auto user = take_due()) {
    const auto done = co_await finish(*user);
    if (done) {
      ++finished;
    } else {
      log_warn("end_account.job_failed", {{"user", user->to_string()}});
      enqueue(*user, clock_.now() + kTryAgainAfter);
    }
  }
  co_return finished;
}

std::size_t EndAccount::waiting() const {
  const std::scoped_lock lock(mutex_);
  return jobs_.size();
}

void EndAccount::enqueue(UserId user, Time due) {
  const std::scoped_lock lock(mutex_);
  if (jobs_.size() >= kJobsMax) {
    log_warn("end_account.job_waits_for_a_restart", {{"user", user.to_string()}});
    return;
  }
  jobs_.try_emplace(user, due);
}

std::optional<UserId> EndAccount::take_due() {
  const Time now = clock_.now();
  const std::scoped_lock lock(mutex_);
  const auto due =
      std::ranges::find_if(jobs_, [now](const auto& job) { return job.second <= now; });
  if (due == jobs_.end()) return std::nullopt;
  const UserId user = due->first;
  jobs_.erase(due);
  return user;
}

Task<Result<void>> EndAccount::finish(UserId id) {
  const auto left = co_await leave_everything(id);
  if (!left) co_return forward(left);
  const auto erased = co_await erase_messages(id);
  if (!erased) co_return forward(erased);
  UserChange change = [](User& user) -> Result<void> {
    user.erased = true;
    return {};
  };
  const auto stored = co_await change_user(users_, directory_, id, std::move(change));
  if (!stored) co_return forward(stored);
  co_return {};
}

Task<Result<void>> EndAccount::leave_everything(UserId user) {
  const auto ended = co_await sessions_.end_all(user, std::nullopt);
  if (!ended) co_return forward(ended);
  auto keys = co_await keys_.keys_of(user);
  if (!keys) co_return forward(keys);
  for (ServiceKey& key : *keys) {
    if (key.revoked_at) continue;
    const auto revoked = co_await sessions_.revoke_key(std::move(key));
    if (!revoked) co_return forward(revoked);
  }

  GroupId after{};
  for (;;) {
    const auto groups = co_await groups_.groups_of(user, after, kGroupsPerRead);
    if (!groups) co_return forward(groups);
    for (const Membership& membership : *groups) {
      after = membership.group;
      if (membership.role == Role::None) continue;
      const auto left = co_await leave(membership.group, user);
      if (!left) co_return forward(left);
    }
    if (groups->size() < kGroupsPerRead) co_return {};
  }
}

Task<Result<void>> EndAccount::leave(GroupId group, UserId user) {
  const auto stored_group = co_await groups_.find(group);
  if (!stored_group) co_return forward(stored_group);
  const bool is_owned = *stored_group && (*stored_group)->kind == GroupKind::Group;
  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto member = co_await groups_.find_member(group, user);
    if (!member) co_return forward(member);
    if (!*member) co_return {};
    if (is_owned && (*member)->role == Role::Owner) {
      // The heir first: a crash in between leaves two owners, never none.
      const auto passed = co_await ownership_.ensure_owner(group, user);
      if (!passed) co_return forward(passed);
    }
    (*member)->role = Role::None;
    (*member)->changed_at = clock_.now();
    const auto stored = co_await groups_.compare_and_set_member(group, std::move(**member));
    if (!stored) co_return forward(stored);
    if (*stored) co_return co_await changes_.member_changed(group, user);
  }
  co_return lost_every_race();
}

Task<Result<void>> EndAccount::erase_messages(UserId user) {
  GroupId after{};
  for (;;) {
    const auto groups = co_await groups_.groups_of(user, after, kGroupsPerRead);
    if (!groups) co_return forward(groups);
    for (const Membership& membership : *groups) {
      after = membership.group;
      const auto erased = co_await erase_in(membership.group, user);
      if (!erased) co_return forward(erased);
    }
    if (groups->size() < kGroupsPerRead) co_return {};
  }
}

Task<Result<void>> EndAccount::erase_in(GroupId group, UserId user) {
  MessageId from = kFirstMessageId;
  for (;;) {
    const IdRange rest{from, kLastMessageId};
    auto ids = co_await messages_.read_ids(group, rest, Take::Oldest, kIdsPerRead);
    if (!ids) co_return forward(ids);
    if (ids->empty()) co_return {};
    from = next_after(ids->back());
    const bool was_last = ids->size() < kIdsPerRead;

    // An id says whose it is, all but once in four billion times: the others need not be read.
    std::erase_if(*ids, [user](MessageId id) { return id.tagged(user) != id; });
    const auto messages = co_await messages_.read(group, std::move(*ids));
    if (!messages) co_return forward(messages);
    for (const Message& message : *messages) {
      const bool has_body = !message.erased && message.content.kind != Kind::Delete;
      if (message.author != user || !has_body) continue;
      const auto erased = co_await messages_.erase(group, message.id);
      if (!erased) co_return forward(erased);
    }
    if (was_last) co_return {};
  }
}

}  // namespace tidings
