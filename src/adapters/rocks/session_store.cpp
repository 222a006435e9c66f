#include "adapters/rocks/session_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "adapters/rocks/table_read.h"

namespace tidings::rocks {
namespace {

constexpr char kRow = 's';
constexpr char kKeyRow = 'k';
constexpr char kOfUser = 'u';
constexpr char kEnded = 'e';
constexpr std::size_t kIdInIndex = 1 + 16;
constexpr std::size_t kIdInEnded = 1 + 8;

constexpr milliseconds kRevocationKept = std::chrono::minutes(20);
// Each revocation takes away a few that are too old to matter, so that the table stays small.
constexpr std::size_t kForgottenAtATime = 4;

Session session_with(SessionId id) {
  Session session;
  session.id = id;
  return session;
}

ServiceKey key_with(KeyId id) {
  ServiceKey key;
  key.id = id;
  return key;
}

// In the order in which sessions ended.
StoredKey ended_key(Time at, SessionId session) {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(at)));
  return StoredKey().byte(kEnded).u64(ms).uuid(session.value);
}

void put_session(Changes& changes, const Session& session) {
  changes.put(Table::Sessions, tagged_key(kRow, session.id.value).view(), encode(session));
  const auto index = tagged_key(kOfUser, session.user.value, session.id.value);
  if (session.ended_at) {
    changes.remove(Table::Sessions, index.view());
    changes.put(Table::Sessions, ended_key(*session.ended_at, session.id).view(), {});
  } else {
    changes.put(Table::Sessions, index.view(), {});
  }
}

class CreateSession final : public WriteOperation {
 public:
  using Answer = void;
  explicit CreateSession(Session session) : session_(std::move(session)) {}
  Result<void> apply(Changes& changes) override {
    put_session(changes, session_);
    return {};
  }

 private:
  Session session_;
};

class SetSession final : public WriteOperation {
 public:
  using Answer = bool;
  explicit SetSession(Session session) : session_(std::move(session)) {}

  Result<void> apply(Changes& changes) override {
    const auto key = tagged_key(kRow, session_.id.value);
    auto stored = read_record(changes, Table::Sessions, key.view(), session_with(session_.id));
    if (!stored) return forward(std::move(stored));
    answer = *stored && (*stored)->version == session_.version;
    if (!answer) return {};
    ++session_.version;
    put_session(changes, session_);
    return {};
  }
  Answer answer = false;

 private:
  Session session_;
};

class ForgetEnded final : public WriteOperation {
 public:
  using Answer = std::size_t;
  ForgetEnded(Time time, std::size_t limit) : time_(time), limit_(limit) {}

  Result<void> apply(Changes& changes) override {
    std::vector<std::string> entries;
    const auto lower = ended_key(from_ms(0), {});
    const auto upper = ended_key(time_, {});
    auto scanned = changes.scan(Table::Sessions, lower.view(), upper.view(),
                                [&](std::string_view key, std::string_view) {
                                  if (entries.size() < limit_) entries.emplace_back(key);
                                  return entries.size() < limit_;
                                });
    if (!scanned) return scanned;
    for (const std::string& entry : entries) {
      changes.remove(Table::Sessions, entry);
      changes.remove(Table::Sessions, tagged_key(kRow, uuid_at(entry, kIdInEnded)).view());
    }
    answer = entries.size();
    return {};
  }
  Answer answer = 0;

 private:
  Time time_;
  std::size_t limit_;
};

class PutKey final : public WriteOperation {
 public:
  using Answer = void;
  explicit PutKey(ServiceKey key) : key_(std::move(key)) {}
  Result<void> apply(Changes& changes) override {
    changes.put(Table::Keys, tagged_key(kKeyRow, key_.id.value).view(), encode(key_));
    changes.put(Table::Keys, tagged_key(kOfUser, key_.user.value, key_.id.value).view(), {});
    return {};
  }

 private:
  ServiceKey key_;
};

class Revoke final : public WriteOperation {
 public:
  using Answer = void;
  explicit Revoke(Revocation revocation) : revocation_(revocation) {}

  Result<void> apply(Changes& changes) override {
    const auto oldest = revocation_key(from_ms(0), {});
    const auto end = revocation_key(revocation_.at - kRevocationKept, {});
    std::vector<std::string> forgotten;
    if (revocation_.at - kRevocationKept > from_ms(0)) {
      auto scanned = changes.scan(Table::Revocations, oldest.view(), end.view(),
                                  [&](std::string_view key, std::string_view) {
                                    if (forgotten.size() < kForgottenAtATime)
                                      forgotten.emplace_back(key);
                                    return forgotten.size() < kForgottenAtATime;
                                  });
      if (!scanned) return forward(std::move(scanned));
    }
    for (const std::string& key : forgotten) changes.remove(Table::Revocations, key);
    changes.put(Table::Revocations, revocation_key(revocation_.at, revocation_.id).view(), {});
    return {};
  }

 private:
  Revocation revocation_;
};

Attempt<std::vector<Session>> scan_sessions(const Database& database, ReadTier tier, UserId user,
                                            SessionId after, std::size_t limit) {
  std::vector<Uuid> ids;
  const auto status =
      for_each_after(database, tier, Table::Sessions, tagged_key(kOfUser, user.value).view(),
                     after.value, [&](std::string_view key, std::string_view) {
                       if (ids.size() < limit) ids.push_back(uuid_at(key, kIdInIndex));
                       return ids.size() < limit;
                     });
  if (!status.ok()) return give_up<std::vector<Session>>(status);
  std::vector<Session> sessions;
  for (const Uuid& id : ids) {
    auto session = read_record(database, tier, Table::Sessions, tagged_key(kRow, id).view(),
                               session_with(SessionId{id}));
    if (!session) return std::nullopt;
    if (!*session) return Result<std::vector<Session>>(forward(std::move(*session)));
    // It may have ended since the index was read.
    if (**session && !(**session)->ended_at) sessions.push_back(std::move(***session));
  }
  return sessions;
}

Attempt<std::vector<ServiceKey>> scan_keys(const Database& database, ReadTier tier, UserId user) {
  std::vector<ServiceKey> keys;
  std::vector<Uuid> ids;
  const auto lower = tagged_key(kOfUser, user.value, {});
  const auto upper =
      StoredKey().raw(tagged_key(kOfUser, user.value).view()).uuid(kLastMessageId.value);
  Scan scan(database, tier, Table::Keys, lower.view(), upper.view(), Scan::Order::Whole);
  for (scan.first(); scan.valid(); scan.next()) ids.push_back(uuid_at(scan.key(), kIdInIndex));
  if (!scan.status().ok()) return give_up<std::vector<ServiceKey>>(scan.status());
  for (const Uuid& id : ids) {
    auto key = read_record(database, tier, Table::Keys, tagged_key(kKeyRow, id).view(),
                           key_with(KeyId{id}));
    if (!key) return std::nullopt;
    if (!*key) return Result<std::vector<ServiceKey>>(forward(std::move(*key)));
    if (**key) keys.push_back(std::move(***key));
  }
  return keys;
}

Attempt<std::vector<Revocation>> scan_revocations(const Database& database, ReadTier tier,
                                                  Time since) {
  std::vector<Revocation> revocations;
  const auto lower = revocation_key(std::max(since, from_ms(0)), {});
  const auto upper = StoredKey().byte(static_cast<char>(0xFF));
  Scan scan(database, tier, Table::Revocations, lower.view(), upper.view(), Scan::Order::Whole);
  for (scan.first(); scan.valid(); scan.next()) {
    revocations.push_back(
        {uuid_at(scan.key(), 8), from_ms(static_cast<std::int64_t>(u64_at(scan.key(), 0)))});
  }
  if (!scan.status().ok()) return give_up<std::vector<Revocation>>(scan.status());
  return revocations;
}

}  // namespace

Task<Result<void>> RocksSessionStore::create(Session session) {
  return batcher_.run(CreateSession(std::move(session)));
}

Task<Result<std::optional<Session>>> RocksSessionStore::find(SessionId session) {
  return reader_.read<std::optional<Session>>([=, this](ReadTier tier) {
    return read_record(database_, tier, Table::Sessions, tagged_key(kRow, session.value).view(),
                       session_with(session));
  });
}

Task<Result<bool>> RocksSessionStore::compare_and_set(Session session) {
  return batcher_.run(SetSession(std::move(session)));
}

Task<Result<std::vector<Session>>> RocksSessionStore::list(UserId user, SessionId after,
                                                           std::size_t limit) {
  return reader_.read<std::vector<Session>>(
      [=, this](ReadTier tier) { return scan_sessions(database_, tier, user, after, limit); });
}

Task<Result<std::size_t>> RocksSessionStore::forget_ended(Time time, std::size_t limit) {
  return batcher_.run(ForgetEnded(time, limit));
}

Task<Result<void>> RocksSessionStore::put_key(ServiceKey key) {
  return batcher_.run(PutKey(std::move(key)));
}

Task<Result<std::optional<ServiceKey>>> RocksSessionStore::find_key(KeyId key) {
  return reader_.read<std::optional<ServiceKey>>([=, this](ReadTier tier) {
    return read_record(database_, tier, Table::Keys, tagged_key(kKeyRow, key.value).view(),
                       key_with(key));
  });
}

Task<Result<std::vector<ServiceKey>>> RocksSessionStore::keys_of(UserId user) {
  return reader_.read<std::vector<ServiceKey>>(
      [=, this](ReadTier tier) { return scan_keys(database_, tier, user); });
}

Task<Result<void>> RocksSessionStore::revoke(Revocation revocation) {
  return batcher_.run(Revoke(revocation));
}

Task<Result<std::vector<Revocation>>> RocksSessionStore::revoked_since(Time since) {
  return reader_.read<std::vector<Revocation>>(
      [=, this](ReadTier tier) { return scan_revocations(database_, tier, since); });
}

}  // namespace tidings::rocks
