#include "adapters/cassandra/user_store.h"

#include <utility>

#include "base/parallel.h"

namespace tidings::cassandra {
namespace {

// A write with this timestamp loses to every later one, transactions included.
constexpr std::int64_t kBirth = 1;
// A name is at most 32 bytes; a longer one is nobody's, and Cassandra takes keys of 64 KiB only.
constexpr std::size_t kNameBytesMax = 64;

constexpr std::string_view kCreate =
    "INSERT INTO users (name, display_name, service, disabled, admin, accepts_direct, metadata, "
    "password_hash, status, status_text, created_at, ended_at, erased, version, user_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?";
constexpr std::string_view kSet =
    "UPDATE users SET name = ?, display_name = ?, service = ?, disabled = ?, admin = ?, "
    "accepts_direct = ?, metadata = ?, password_hash = ?, status = ?, status_text = ?, "
    "created_at = ?, ended_at = ?, erased = ?, version = ? WHERE user_id = ? IF version = ?";
constexpr std::string_view kFind =
    "SELECT name, display_name, service, disabled, admin, accepts_direct, metadata, "
    "password_hash, status, status_text, created_at, ended_at, erased, version FROM users "
    "WHERE user_id = ?";

// In the order of the statements above.
CqlValues values_of(const User& user, std::uint64_t version) {
  return CqlValues()
      .text(user.name)
      .text(user.display_name)
      .boolean(user.service)
      .boolean(user.disabled)
      .boolean(user.admin)
      .boolean(user.accepts_direct)
      .text(user.metadata)
      .text(user.password_hash)
      .int8(static_cast<std::int8_t>(user.status))
      .text(user.status_text)
      .time(user.created_at)
      .time(or_zero(user.ended_at))
      .boolean(user.erased)
      .int64(static_cast<std::int64_t>(version))
      .uuid(user.id.value);
}

bool read_user(const CqlRow& row, User& user) {
  user.name = row.text(0);
  user.display_name = row.text(1);
  user.service = row.boolean(2);
  user.disabled = row.boolean(3);
  user.admin = row.boolean(4);
  user.accepts_direct = row.boolean(5);
  user.metadata = row.text(6);
  user.password_hash = row.text(7);
  user.status_text = row.text(9);
  user.created_at = row.time(10);
  user.ended_at = unless_zero(row.time(11));
  user.erased = row.boolean(12);
  user.version = static_cast<std::uint64_t>(row.int64(13));
  return read_enum(row.int8(8), ManualStatus::Auto, ManualStatus::Invisible, user.status);
}

bool waits_to_be_erased(const User& user) { return user.ended_at && !user.erased; }

constexpr int kEndedShards = 16;
int ended_shard_of(UserId user) { return user.value.bytes[0] >> 4; }

std::int8_t ended_shard_cell(UserId user) { return static_cast<std::int8_t>(ended_shard_of(user)); }

}  // namespace

Result<std::unique_ptr<CassandraUserStore>> CassandraUserStore::open(CqlSession& session,
                                                                     const Clock& clock) {
  std::unique_ptr<CassandraUserStore> store(new CassandraUserStore(session, clock));
  if (auto prepared = store->prepare(); !prepared) return forward(std::move(prepared));
  return store;
}

Result<void> CassandraUserStore::prepare() {
  if (auto prepared = names_.prepare(); !prepared) return prepared;
  return session_.prepare(
      {{create_, kCreate, kWrite},
       {set_, kSet, kTransaction},
       {find_, kFind, kRowRead},
       {see_, "INSERT INTO last_seen (user_id, at) VALUES (?, ?) USING TIMESTAMP ?", kWrite},
       {find_seen_, "SELECT at FROM last_seen WHERE user_id = ?", kRowRead},
       {claim_name_, "INSERT INTO user_names (name, user_id) VALUES (?, ?) IF NOT EXISTS",
        kTransaction},
       {find_name_, "SELECT user_id FROM user_names WHERE name = ?", kRowRead},
       {put_ended_, "INSERT INTO ended_users (shard, user_id) VALUES (?, ?) USING TIMESTAMP ?",
        kWrite},
       {remove_ended_, "DELETE FROM ended_users USING TIMESTAMP ? WHERE shard = ? AND user_id = ?",
        kWrite},
       {list_ended_, "SELECT user_id FROM ended_users WHERE shard = ? AND user_id > ? LIMIT ?",
        kListRead},
       {put_block_,
        "INSERT INTO blocks (blocker, blocked, is_blocked) VALUES (?, ?, ?) USING TIMESTAMP ?",
        kWrite},
       {find_block_, "SELECT is_blocked FROM blocks WHERE blocker = ? AND blocked = ?", kRowRead},
       {list_blocks_,
        "SELECT blocked, is_blocked FROM blocks WHERE blocker = ? AND blocked > ? LIMIT ?",
        kListRead}});
}

Task<Result<std::optional<User>>> CassandraUserStore::create(User user) {
  const auto put = co_await put_new(user);
  if (!put) co_return forward(put);
  const auto claimed =
      co_await session_.apply(claim_name_, CqlValues().text(user.name).uuid(user.id.value));
  if (!claimed) co_return forward(claimed);
  if (*claimed) co_return std::optional<User>();
  co_return co_await find_by_name(std::move(user.name));
}

// All that must be there once somebody has the name.
Task<Result<void>> CassandraUserStore::put_new(User user) {
  if (waits_to_be_erased(user)) {
    const auto listed = co_await put_ended(user.id, user.version);
    if (!listed) co_return forward(listed);
  }
  const auto named = co_await names_.put(user.name);
  if (!named) co_return forward(named);
  CqlValues values = values_of(user, user.version);
  values.int64(kBirth);
  const auto [stored, was_seen] =
      co_await both(session_.write(create_, std::move(values)), seen(user.id, user.last_seen));
  if (!stored) co_return forward(stored);
  co_return was_seen;
}

Task<Result<bool>> CassandraUserStore::compare_and_set(User user) {
  const std::uint64_t next = user.version + 1;
  if (waits_to_be_erased(user)) {
    const auto listed = co_await put_ended(user.id, next);
    if (!listed) co_return forward(listed);
  }
  CqlValues values = values_of(user, next);
  values.int64(static_cast<std::int64_t>(user.version));
  const auto stored = co_await session_.apply(set_, std::move(values));
  // An entry that stays because this fails is looked at, and removed, by the next list.
  if (stored && *stored && user.erased) static_cast<void>(co_await remove_ended(user.id, next));
  co_return stored;
}

Task<Result<void>> CassandraUserStore::seen(UserId user, Time at) {
  return session_.write(see_, CqlValues().uuid(user.value).time(at).int64(to_us(at)));
}

Task<Result<std::optional<User>>> CassandraUserStore::find(UserId user) {
  std::optional<User> found;
  const auto [rows, seen] = co_await both(session_.run(find_, CqlValues().uuid(user.value)),
                                          session_.run(find_seen_, CqlValues().uuid(user.value)));
  if (!rows) co_return forward(rows);
  if (!seen) co_return forward(seen);
  if (rows->empty()) co_return found;
  found.emplace().id = user;
  if (!read_user((*rows)[0], *found)) co_return fail_damaged("users", user.to_string());
  if (!seen->empty()) found->last_seen = (*seen)[0].time(0);
  co_return found;
}

Task<Result<std::optional<User>>> CassandraUserStore::find_by_name(std::string name) {
  // A key can't be empty.
  if (name.empty() || name.size() > kNameBytesMax) co_return std::optional<User>();
  const auto rows = co_await session_.run(find_name_, CqlValues().text(name));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return std::optional<User>();
  auto user = co_await find(UserId{(*rows)[0].uuid(0)});
  if (user && !*user) co_return fail_damaged("users", name);
  co_return user;
}

Task<Result<std::vector<User>>> CassandraUserStore::list(std::string after, std::size_t limit) {
  std::vector<User> users;
  while (users.size() < limit) {
    const std::size_t wanted = limit - users.size();
    const auto names = co_await names_.page(after, wanted);
    if (!names) co_return forward(names);
    for (const std::string& name : *names) {
      auto user = co_await find_by_name(name);
      if (!user) co_return forward(user);
      if (*user) users.push_back(std::move(**user));
    }
    if (names->size() < wanted) break;
    after = names->back();
  }
  co_return users;
}

Task<Result<std::vector<User>>> CassandraUserStore::list_ended(UserId after, std::size_t limit) {
  std::vector<User> users;
  for (int shard = ended_shard_of(after); shard < kEndedShards;) {
    const auto wanted = static_cast<std::int32_t>(limit - users.size());
    const auto rows = co_await session_.run(
        list_ended_,
        CqlValues().int8(static_cast<std::int8_t>(shard)).uuid(after.value).int32(wanted));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      after = UserId{(*rows)[i].uuid(0)};
      auto user = co_await find(after);
      if (!user) co_return forward(user);
      if (!*user) continue;
      if (waits_to_be_erased(**user)) {
        users.push_back(std::move(**user));
      } else if ((*user)->erased) {
        static_cast<void>(co_await remove_ended(after, (*user)->version));
      }
    }
    if (users.size() >= limit) break;
    if (rows->size() < static_cast<std::size_t>(wanted)) ++shard;
  }
  co_return users;
}

// The entry for a version comes at twice the version and goes one after that: an entry that comes
// late does not outlive the change that removes it.
Task<Result<void>> CassandraUserStore::put_ended(UserId user, std::uint64_t version) {
  return session_.write(put_ended_, CqlValues()
                                        .int8(ended_shard_cell(user))
                                        .uuid(user.value)
                                        .int64(static_cast<std::int64_t>(2 * version + 1)));
}

Task<Result<void>> CassandraUserStore::remove_ended(UserId user, std::uint64_t version) {
  return session_.write(remove_ended_, CqlValues()
                                           .int64(static_cast<std::int64_t>(2 * version + 2))
                                           .int8(ended_shard_cell(user))
                                           .uuid(user.value));
}

Task<Result<void>> CassandraUserStore::put_block(UserId blocker, UserId blocked, bool is_blocked) {
  return session_.write(
      put_block_,
      CqlValues().uuid(blocker.value).uuid(blocked.value).boolean(is_blocked).int64(stamp_.next()));
}

Task<Result<bool>> CassandraUserStore::is_blocked(UserId blocker, UserId blocked) {
  const auto rows =
      co_await session_.run(find_block_, CqlValues().uuid(blocker.value).uuid(blocked.value));
  if (!rows) co_return forward(rows);
  co_return !rows->empty() && (*rows)[0].boolean(0);
}

// Cassandra orders uuids by their version first: ids of people all have the same one.
Task<Result<std::vector<UserId>>> CassandraUserStore::blocked_by(UserId blocker, UserId after,
                                                                 std::size_t limit) {
  std::vector<UserId> found;
  while (found.size() < limit) {
    const auto wanted = static_cast<std::int32_t>(limit - found.size());
    const auto rows = co_await session_.run(
        list_blocks_, CqlValues().uuid(blocker.value).uuid(after.value).int32(wanted));
    if (!rows) co_return forward(rows);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      after = UserId{(*rows)[i].uuid(0)};
      if ((*rows)[i].boolean(1)) found.push_back(after);
    }
    if (rows->size() < static_cast<std::size_t>(wanted)) break;
  }
  co_return found;
}

}  // namespace tidings::cassandra
