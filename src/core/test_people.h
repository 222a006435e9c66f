#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_message_store.h"
#include "adapters/memory/memory_presence.h"
#include "adapters/memory/memory_session_store.h"
#include "adapters/memory/memory_throttle.h"
#include "base/manual_clock.h"
#include "base/run_loop.h"
#include "core/accounts.h"
#include "core/acquaintances.h"
#include "core/blocks.h"
#include "core/clock_guard.h"
#include "core/directory.h"
#include "core/end_account.h"
#include "core/group_changes.h"
#include "core/groups.h"
#include "core/live_statuses.h"
#include "core/marker.h"
#include "core/members.h"
#include "core/ownership.h"
#include "core/profiles.h"
#include "core/services.h"
#include "core/sessions.h"
#include "core/sign_in_limit.h"
#include "core/test_contested_stores.h"

namespace tidings {

// Hashes that cost nothing, and counts of what argon2id would have had to do.
class PlainHasher final : public PasswordHasher {
 public:
  Task<Result<std::string>> hash(std::string password) override {
    co_return "plain:" + std::move(password);
  }
  Task<Result<bool>> verify(std::string password, std::string hash) override {
    ++verified;
    if (is_down) co_return fail(ErrorCode::Unavailable);
    co_return !hash.empty() && hash == "plain:" + password;
  }
  int verified = 0;
  bool is_down = false;
};

// Tokens that are numbers, and counts of what Ed25519 would have had to do.
class NumberedTokens final : public AccessTokens {
 public:
  std::string sign(const AccessClaims& claims) const override {
    std::string token = "token-" + std::to_string(signed_.size());
    signed_[token] = claims;
    return token;
  }
  Result<AccessClaims> verify(std::string_view token, Time now) const override {
    ++verified;
    const auto at = signed_.find(std::string(token));
    if (at == signed_.end()) return fail(ErrorCode::Unauthenticated);
    if (at->second.expires_at <= now) return fail(ErrorCode::TokenExpired);
    return at->second;
  }
  mutable std::atomic<int> verified = 0;

 private:
  mutable std::map<std::string, AccessClaims> signed_;
};

// One worker: what a process remembers, over stores that others may share.
struct PeopleStores {
  ManualClock clock;
  ContestedUsers users;
  ContestedGroups groups;
  MemorySessionStore sessions;
  MemoryMessageStore messages;
  MemoryGroupQueue queue{clock};
  MemoryPresence presence{clock};
  MemoryThrottle throttle{clock};
  PlainHasher hasher;
  NumberedTokens tokens;
};

struct PeopleWorker {
  explicit PeopleWorker(PeopleStores& stores, AccountRules rules = {})
      : stores(stores),
        accounts(stores.users, sessions, directory, stores.hasher, limit, stores.clock, rules) {}
  ~PeopleWorker() {
    block_on(marker.stop());
    block_on(sessions.stop());
  }

  PeopleStores& stores;
  Directory directory{stores.groups, stores.users, stores.clock};
  Marker marker{stores.queue, stores.clock};
  SignInLimit limit{stores.clock};
  Sessions sessions{stores.sessions, stores.users, directory,   stores.hasher,
                    stores.tokens,   limit,        stores.clock};
  Accounts accounts;
  Services services{stores.users, stores.sessions, sessions, stores.clock};
  Acquaintances acquaintances{stores.groups, directory};
  LiveStatuses statuses{directory, acquaintances, stores.presence, stores.clock};
  Profiles profiles{stores.users, directory, statuses};
  Blocks blocks{stores.users, directory};
  GroupChanges changes{stores.groups, stores.messages, directory, marker, stores.clock};
  Ownership ownership{stores.groups, directory, changes, stores.clock};
  ClockGuard clock_guard{stores.clock, nullptr};
  Groups groups{stores.groups, stores.messages, directory,   blocks,      ownership,
                changes,       stores.throttle, clock_guard, stores.clock};
  Members members{stores.groups, directory, blocks, ownership, changes, clock_guard, stores.clock};
  EndAccount end_account{stores.users, stores.groups, stores.messages, stores.sessions, sessions,
                         directory,    ownership,     changes,         stores.clock};
};

// A world of people on a manual clock, with one worker unless a test starts another.
struct PeopleWorld : PeopleStores {
  static constexpr const char* kPassword = "correct horse";

  explicit PeopleWorld(AccountRules rules = {}) : worker(*this, rules) {}

  PeopleWorker worker;
  int addresses = 0;

  Result<SignedUp> sign_up(std::string name, std::string password = kPassword) {
    // Each from an address of its own, so that only tests of the limit meet it.
    std::string ip = "10.0.0." + std::to_string(++addresses);
    return block_on(
        worker.accounts.sign_up({std::move(name), std::move(password), {}, std::move(ip)}));
  }
  Result<SignedIn> sign_in(std::string name, std::string password = kPassword) {
    std::string ip = "10.0.0." + std::to_string(++addresses);
    return block_on(
        worker.sessions.sign_in(std::move(name), std::move(password), "phone", std::move(ip)));
  }
  // A new person, as the caller that their token proves.
  Caller person(std::string name) {
    const auto signed_up = sign_up(std::move(name));
    EXPECT_TRUE(signed_up.has_value());
    return caller(signed_up->session.access_token).value();
  }
  Result<Caller> caller(std::string token) {
    return block_on(worker.sessions.authenticate(std::move(token)));
  }

  GroupId group(const Caller& owner, std::vector<std::string> members = {}) {
    NewGroup wanted;
    wanted.name = "friends";
    wanted.members = std::move(members);
    return create(owner, std::move(wanted)).value().view.group.id;
  }
  Result<CreatedGroup> create(const Caller& owner, NewGroup wanted) {
    return block_on(worker.groups.create(owner, std::move(wanted)));
  }
  Result<Member> put(const Caller& caller, GroupId group, std::string name, Role role) {
    return block_on(worker.members.put(caller, group, std::move(name), role));
  }
  Result<void> remove(const Caller& caller, GroupId group, std::string name) {
    return block_on(worker.members.remove(caller, group, std::move(name)));
  }
  // Role::None of whoever is not in it.
  Role role_of(GroupId group, const Caller& user) {
    const auto member = block_on(groups.find_member(group, user.user)).value();
    return member ? member->role : Role::None;
  }
  std::size_t size_of(GroupId group) { return block_on(groups.count_members(group)).value(); }
  Group stored(GroupId group) { return block_on(groups.find(group)).value().value(); }

  // Lets what is remembered expire.
  void pass_cache_life() { clock.advance(seconds(4)); }
};

// The code of a failure; nothing for a success.
template <class T>
std::optional<ErrorCode> code_of(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}
// The field that an InvalidRequest names first.
template <class T>
std::string field_of(const Result<T>& result) {
  if (result || result.error().fields.empty()) return {};
  return result.error().fields.front().field;
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace tidings
