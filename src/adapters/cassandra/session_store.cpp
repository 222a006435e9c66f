#include "adapters/cassandra/session_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

constexpr milliseconds kEndedKept = std::chrono::days(7);
// An entry of the index without a session may be that of one which is being made.
constexpr milliseconds kMadeWithin = std::chrono::hours(1);
// Loses to every transaction. The entry of the index comes at 1 and goes at 2: an id is used once.
constexpr std::int64_t kBirth = 1;
constexpr std::int64_t kDeath = 2;
constexpr std::size_t kIdsPerRead = 50;

constexpr std::string_view kSet =
    "user_id = ?, device = ?, created_at = ?, last_seen = ?, refresh_hash = ?, "
    "previous_refresh_hash = ?, previous_until = ?, refresh_salt = ?, ended_at = ?, version = ? "
    "WHERE session_id = ?";
constexpr std::string_view kSelect =
    "SELECT session_id, user_id, device, created_at, last_seen, refresh_hash, "
    "previous_refresh_hash, previous_until, refresh_salt, ended_at, version FROM sessions ";
constexpr std::string_view kSelectKey =
    "SELECT key_id, user_id, secret_hash, may_import, send_burst, send_per_seconds, created_at, "
    "revoked_at FROM service_keys ";

// What stands in `kSet`.
void add(CqlValues& values, const Session& session, std::uint64_t version) {
  values.uuid(session.user.value)
      .text(session.device)
      .time(session.created_at)
      .time(session.last_seen)
      .blob(session.refresh_hash)
      .blob(session.previous_refresh_hash)
      .time(session.previous_until)
      .blob(session.refresh_salt)
      .time(or_zero(session.ended_at))
      .int64(static_cast<std::int64_t>(version))
      .uuid(session.id.value);
}

Session read_session(const CqlRow& row) {
  Session session;
  session.id = SessionId{row.uuid(0)};
  session.user = UserId{row.uuid(1)};
  session.device = row.text(2);
  session.created_at = row.time(3);
  session.last_seen = row.time(4);
  session.refresh_hash = row.blob(5);
  session.previous_refresh_hash = row.blob(6);
  session.previous_until = row.time(7);
  session.refresh_salt = row.blob(8);
  session.ended_at = unless_zero(row.time(9));
  session.version = static_cast<std::uint64_t>(row.int64(10));
  return session;
}

ServiceKey read_key(const CqlRow& row) {
  ServiceKey key;
  key.id = KeyId{row.uuid(0)};
  key.user = UserId{row.uuid(1)};
  key.secret_hash = row.blob(2);
  key.may_import = row.boolean(3);
  key.send_burst = static_cast<std::uint32_t>(row.int64(4));
  key.send_per_seconds = static_cast<std::uint32_t>(row.int64(5));
  key.created_at = row.time(6);
  key.revoked_at = unless_zero(row.time(7));
  return key;
}

// Seconds to live, in whole ones.
std::int32_t ttl_of(milliseconds left) {
  return static_cast<std::int32_t>(std::chrono::ceil<seconds>(left).count());
}

// At most kIdsPerRead ids, from `begin` on.
std::vector<Uuid> some_of(const std::vector<Uuid>& ids, std::size_t begin) {
  const auto end = std::min(begin + kIdsPerRead, ids.size());
  return {ids.begin() + static_cast<std::ptrdiff_t>(begin),
          ids.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

Result<std::unique_ptr<CassandraSessionStore>> CassandraSessionStore::open(CqlSession& session,
                                                                           const Clock& clock) {
  std::unique_ptr<CassandraSessionStore> store(new CassandraSessionStore(session, clock));
  if (auto prepared = store->prepare(); !prepared) return forward(std::move(prepared));
  return store;
}

Result<void> CassandraSessionStore::prepare() {
  if (auto prepared = revocations_.prepare(); !prepared) return prepared;
  const std::string set(kSet);
  const std::string select(kSelect);
  const std::string select_key(kSelectKey);
  return session_.prepare(
      {// A time to live of 0 is for ever.
       {create_, "UPDATE sessions USING TIMESTAMP ? AND TTL ? SET " + set, kWrite},
       {set_, "UPDATE sessions SET " + set + " IF version = ?", kTransaction},
       {set_ended_, "UPDATE sessions USING TTL ? SET " + set + " IF version = ?", kTransaction},
       {remove_, "DELETE FROM sessions WHERE session_id = ? IF version = ?", kTransaction},
       {find_, select + "WHERE session_id = ?", kRowRead},
       {find_all_, select + "WHERE session_id IN ?", kListRead},
       {put_in_index_,
        "INSERT INTO user_sessions (user_id, session_id, created_at) VALUES (?, ?, ?) "
        "USING TIMESTAMP ?",
        kWrite},
       {remove_from_index_,
        "DELETE FROM user_sessions USING TIMESTAMP ? WHERE user_id = ? AND session_id = ?", kWrite},
       {list_index_,
        "SELECT session_id, created_at FROM user_sessions WHERE user_id = ? AND session_id > ? "
        "LIMIT ?",
        kListRead},
       {put_key_,
        "INSERT INTO service_keys (key_id, user_id, secret_hash, may_import, send_burst, "
        "send_per_seconds, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "USING TIMESTAMP ?",
        kWrite},
       {put_key_of_user_, "INSERT INTO user_keys (user_id, key_id) VALUES (?, ?)", kWrite},
       {find_key_, select_key + "WHERE key_id = ?", kRowRead},
       {find_keys_, select_key + "WHERE key_id IN ?", kListRead},
       {list_keys_, "SELECT key_id FROM user_keys WHERE user_id = ?", kListRead}});
}

Task<Result<void>> CassandraSessionStore::create(Session session) {
  CqlValues values;
  values.int64(kBirth).int32(session.ended_at ? ttl_of(kEndedKept) : 0);
  add(values, session, session.version);
  if (session.ended_at) co_return co_await session_.write(create_, std::move(values));
  const auto [listed, stored] =
      co_await both(session_.write(put_in_index_, CqlValues()
                                                      .uuid(session.user.value)
                                                      .uuid(session.id.value)
                                                      .time(session.created_at)
                                                      .int64(kBirth)),
                    session_.write(create_, std::move(values)));
  if (!listed) co_return listed;
  co_return stored;
}

Task<Result<std::optional<Session>>> CassandraSessionStore::find(SessionId session) {
  const auto rows = co_await session_.run(find_, CqlValues().uuid(session.value));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return std::optional<Session>();
  co_return std::optional(read_session((*rows)[0]));
}

Task<Result<bool>> CassandraSessionStore::compare_and_set(Session session) {
  const auto before = static_cast<std::int64_t>(session.version);
  CqlValues values;
  CqlStatement statement = set_;
  if (session.ended_at) {
    const milliseconds left = *session.ended_at + kEndedKept - session_.clock().now();
    statement = left > milliseconds(0) ? set_ended_ : remove_;
    if (left > milliseconds(0)) {
      values.int32(ttl_of(left));
      add(values, session, session.version + 1);
    } else {
      values.uuid(session.id.value);
    }
  } else {
    add(values, session, session.version + 1);
  }
  values.int64(before);
  const auto stored = co_await session_.apply(statement, std::move(values));
  // An entry that stays because this fails is removed by the next list.
  if (stored && *stored && session.ended_at)
    static_cast<void>(co_await remove_from_index(session.user, session.id));
  co_return stored;
}

Task<Result<std::vector<Session>>> CassandraSessionStore::list(UserId user, SessionId after,
                                                               std::size_t limit) {
  std::vector<Session> sessions;
  while (sessions.size() < limit) {
    const std::size_t wanted = limit - sessions.size();
    const auto listed = co_await list_index(user, after, wanted);
    if (!listed) co_return forward(listed);
    std::vector<Uuid> ids;
    for (const Listed& each : *listed) ids.push_back(each.id.value);
    auto found = co_await find_all(std::move(ids));
    if (!found) co_return forward(found);

    const Time now = session_.clock().now();
    auto session = found->begin();
    for (const Listed& each : *listed) {
      after = each.id;
      const bool is_there = session != found->end() && session->id == each.id;
      const bool is_over =
          is_there ? session->ended_at.has_value() : each.created_at < now - kMadeWithin;
      if (is_over) static_cast<void>(co_await remove_from_index(user, each.id));
      if (is_there && !is_over) sessions.push_back(std::move(*session));
      if (is_there) ++session;
    }
    if (listed->size() < wanted) break;
  }
  co_return sessions;
}

Task<Result<std::vector<CassandraSessionStore::Listed>>> CassandraSessionStore::list_index(
    UserId user, SessionId after, std::size_t limit) {
  std::vector<Listed> listed;
  const auto rows = co_await session_.run(
      list_index_,
      CqlValues().uuid(user.value).uuid(after.value).int32(static_cast<std::int32_t>(limit)));
  if (!rows) co_return forward(rows);
  listed.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i)
    listed.push_back({SessionId{(*rows)[i].uuid(0)}, (*rows)[i].time(1)});
  co_return listed;
}

// Those that are there, by id.
Task<Result<std::vector<Session>>> CassandraSessionStore::find_all(std::vector<Uuid> ids) {
  std::vector<Session> sessions;
  for (std::size_t begin = 0; begin < ids.size(); begin += kIdsPerRead) {
    const auto rows = co_await session_.run(find_all_, CqlValues().uuids(some_of(ids, begin)));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) sessions.push_back(read_session((*rows)[i]));
  }
  std::ranges::sort(sessions, {}, &Session::id);
  co_return sessions;
}

Task<Result<void>> CassandraSessionStore::remove_from_index(UserId user, SessionId session) {
  return session_.write(remove_from_index_,
                        CqlValues().int64(kDeath).uuid(user.value).uuid(session.value));
}

Task<Result<std::size_t>> CassandraSessionStore::forget_ended(Time, std::size_t) {
  co_return std::size_t{0};
}

Task<Result<void>> CassandraSessionStore::put_key(ServiceKey key) {
  const auto listed = co_await session_.write(put_key_of_user_,
                                              CqlValues().uuid(key.user.value).uuid(key.id.value));
  if (!listed) co_return forward(listed);
  co_return co_await session_.write(put_key_, CqlValues()
                                                  .uuid(key.id.value)
                                                  .uuid(key.user.value)
                                                  .blob(key.secret_hash)
                                                  .boolean(key.may_import)
                                                  .int64(key.send_burst)
                                                  .int64(key.send_per_seconds)
                                                  .time(key.created_at)
                                                  .time(or_zero(key.revoked_at))
                                                  .int64(stamp_.next()));
}

Task<Result<std::optional<ServiceKey>>> CassandraSessionStore::find_key(KeyId key) {
  const auto rows = co_await session_.run(find_key_, CqlValues().uuid(key.value));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return std::optional<ServiceKey>();
  co_return std::optional(read_key((*rows)[0]));
}

Task<Result<std::vector<ServiceKey>>> CassandraSessionStore::keys_of(UserId user) {
  const auto rows = co_await session_.run(list_keys_, CqlValues().uuid(user.value));
  if (!rows) co_return forward(rows);
  std::vector<Uuid> ids;
  ids.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) ids.push_back((*rows)[i].uuid(0));
  co_return co_await find_keys(std::move(ids));
}

Task<Result<std::vector<ServiceKey>>> CassandraSessionStore::find_keys(std::vector<Uuid> ids) {
  std::vector<ServiceKey> keys;
  for (std::size_t begin = 0; begin < ids.size(); begin += kIdsPerRead) {
    const auto rows = co_await session_.run(find_keys_, CqlValues().uuids(some_of(ids, begin)));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) keys.push_back(read_key((*rows)[i]));
  }
  co_return keys;
}

Task<Result<void>> CassandraSessionStore::revoke(Revocation revocation) {
  return revocations_.put(revocation);
}

Task<Result<std::vector<Revocation>>> CassandraSessionStore::revoked_since(Time since) {
  return revocations_.since(since);
}

}  // namespace tidings::cassandra
