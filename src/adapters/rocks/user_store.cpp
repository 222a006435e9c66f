#include "adapters/rocks/user_store.h"

#include <algorithm>
#include <utility>

#include "adapters/rocks/table_read.h"

namespace tidings::rocks {
namespace {

StoredKey key_of(UserId user) { return StoredKey().uuid(user.value); }

// A name is at most 32 bytes; a longer one is nobody's.
bool fits_a_key(std::string_view name) { return name.size() <= 64; }

User user_with(UserId id) {
  User user;
  user.id = id;
  return user;
}

class CreateUser final : public WriteOperation {
 public:
  using Answer = std::optional<User>;
  explicit CreateUser(User user) : user_(std::move(user)) {}

  Result<void> apply(Changes& changes) override {
    auto holder = changes.get(Table::Names, user_.name);
    if (!holder) return forward(std::move(holder));
    if (*holder) {
      const auto id = decode_uuid(**holder);
      if (!id) return fail_damaged(Table::Names, user_.name);
      const UserId taken{*id};
      auto user = read_record(changes, Table::Users, key_of(taken).view(), user_with(taken));
      if (!user) return forward(std::move(user));
      if (!*user) return fail_damaged(Table::Users, key_of(taken).view());
      answer = std::move(*user);
      return {};
    }
    changes.put(Table::Users, key_of(user_.id).view(), encode(user_));
    changes.put(Table::Names, user_.name, encode_uuid(user_.id.value));
    return {};
  }
  Answer answer;

 private:
  User user_;
};

class SetUser final : public WriteOperation {
 public:
  using Answer = bool;
  explicit SetUser(User user) : user_(std::move(user)) {}

  Result<void> apply(Changes& changes) override {
    const auto key = key_of(user_.id);
    auto stored = read_record(changes, Table::Users, key.view(), user_with(user_.id));
    if (!stored) return forward(std::move(stored));
    answer = *stored && (*stored)->version == user_.version;
    if (!answer) return {};
    ++user_.version;
    user_.last_seen = (*stored)->last_seen;
    changes.put(Table::Users, key.view(), encode(user_));
    return {};
  }
  Answer answer = false;

 private:
  User user_;
};

class SeeUser final : public WriteOperation {
 public:
  using Answer = void;
  SeeUser(UserId user, Time at) : user_(user), at_(at) {}

  Result<void> apply(Changes& changes) override {
    auto user = read_record(changes, Table::Users, key_of(user_).view(), user_with(user_));
    if (!user) return forward(std::move(user));
    if (!*user || (*user)->last_seen >= at_) return {};
    (*user)->last_seen = at_;
    changes.put(Table::Users, key_of(user_).view(), encode(**user));
    return {};
  }

 private:
  UserId user_;
  Time at_;
};

class PutBlock final : public WriteOperation {
 public:
  using Answer = void;
  PutBlock(UserId blocker, UserId blocked, bool is_blocked)
      : key_(pair_key(blocker.value, blocked.value)), is_blocked_(is_blocked) {}

  Result<void> apply(Changes& changes) override {
    changes.put(Table::Blocks, key_.view(), is_blocked_ ? "\1" : std::string(1, '\0'));
    return {};
  }

 private:
  StoredKey key_;
  bool is_blocked_;
};

Attempt<std::optional<User>> read_user(const Database& database, ReadTier tier, UserId user) {
  return read_record(database, tier, Table::Users, key_of(user).view(), user_with(user));
}

Attempt<std::optional<User>> read_by_name(const Database& database, ReadTier tier,
                                          std::string_view name) {
  rocksdb::PinnableSlice stored;
  const auto status = database.get(tier, Table::Names, name, &stored);
  if (status.IsNotFound()) return std::optional<User>();
  if (!status.ok()) return give_up<std::optional<User>>(status);
  const auto id = decode_uuid(view(stored));
  if (!id) return fail_damaged(Table::Names, name);
  return read_user(database, tier, UserId{*id});
}

Attempt<std::vector<User>> scan_users(const Database& database, ReadTier tier,
                                      std::string_view after, std::size_t limit) {
  std::vector<User> users;
  const auto upper = StoredKey().byte(static_cast<char>(0xFF));
  Scan scan(database, tier, Table::Names, after, upper.view(), Scan::Order::Whole);
  scan.first();
  if (scan.valid() && scan.key() == after) scan.next();
  for (; scan.valid() && users.size() < limit; scan.next()) {
    auto user = read_by_name(database, tier, scan.key());
    if (!user) return std::nullopt;
    if (!*user) return Result<std::vector<User>>(forward(std::move(*user)));
    if (!**user) return fail_damaged(Table::Names, scan.key());
    users.push_back(std::move(***user));
  }
  if (!scan.status().ok()) return give_up<std::vector<User>>(scan.status());
  return users;
}

bool is_a_block(std::string_view stored) { return stored != std::string_view("\0", 1); }

Attempt<std::vector<UserId>> scan_blocks(const Database& database, ReadTier tier, UserId blocker,
                                         UserId after, std::size_t limit) {
  constexpr std::size_t kBlockerBytes = 16;
  std::vector<UserId> found;
  const auto lower = pair_key(blocker.value, after.value).byte('\0');
  const auto upper = pair_key(blocker.value, kLastMessageId.value).byte('\0');
  Scan scan(database, tier, Table::Blocks, lower.view(), upper.view());
  for (scan.first(); scan.valid() && found.size() < limit; scan.next()) {
    if (is_a_block(scan.value())) found.push_back(UserId{uuid_at(scan.key(), kBlockerBytes)});
  }
  if (!scan.status().ok()) return give_up<std::vector<UserId>>(scan.status());
  return found;
}

// Looks at everybody: an embedded store has few enough, and is asked once at the start.
Attempt<std::vector<User>> scan_ended(const Database& database, ReadTier tier, UserId after,
                                      std::size_t limit) {
  std::vector<User> users;
  const auto lower = key_of(after);
  const auto upper = StoredKey().uuid(kLastMessageId.value).byte(0);
  Scan scan(database, tier, Table::Users, lower.view(), upper.view(), Scan::Order::Whole);
  for (scan.first(); scan.valid() && users.size() < limit; scan.next()) {
    User user = user_with(UserId{uuid_at(scan.key(), 0)});
    if (!decode(scan.value(), user)) return fail_damaged(Table::Users, scan.key());
    if (user.id > after && user.ended_at && !user.erased) users.push_back(std::move(user));
  }
  if (!scan.status().ok()) return give_up<std::vector<User>>(scan.status());
  return users;
}

}  // namespace

Task<Result<std::optional<User>>> RocksUserStore::create(User user) {
  ensure(fits_a_key(user.name), "a name is checked before it is stored");
  return batcher_.run(CreateUser(std::move(user)));
}

Task<Result<bool>> RocksUserStore::compare_and_set(User user) {
  return batcher_.run(SetUser(std::move(user)));
}

Task<Result<void>> RocksUserStore::seen(UserId user, Time at) {
  return batcher_.run(SeeUser(user, at));
}

Task<Result<std::optional<User>>> RocksUserStore::find(UserId user) {
  return reader_.read<std::optional<User>>(
      [=, this](ReadTier tier) { return read_user(database_, tier, user); });
}

Task<Result<std::optional<User>>> RocksUserStore::find_by_name(std::string name) {
  return reader_.read<std::optional<User>>(
      [this, name = std::move(name)](ReadTier tier) -> Attempt<std::optional<User>> {
        if (!fits_a_key(name)) return std::optional<User>();
        return read_by_name(database_, tier, name);
      });
}

Task<Result<std::vector<User>>> RocksUserStore::list(std::string after, std::size_t limit) {
  after.resize(std::min<std::size_t>(after.size(), 64));
  return reader_.read<std::vector<User>>([this, after = std::move(after), limit](ReadTier tier) {
    return scan_users(database_, tier, after, limit);
  });
}

Task<Result<std::vector<User>>> RocksUserStore::list_ended(UserId after, std::size_t limit) {
  return reader_.read<std::vector<User>>(
      [=, this](ReadTier tier) { return scan_ended(database_, tier, after, limit); });
}

Task<Result<void>> RocksUserStore::put_block(UserId blocker, UserId blocked, bool is_blocked) {
  return batcher_.run(PutBlock(blocker, blocked, is_blocked));
}

Task<Result<bool>> RocksUserStore::is_blocked(UserId blocker, UserId blocked) {
  return reader_.read<bool>([=, this](ReadTier tier) -> Attempt<bool> {
    const auto key = pair_key(blocker.value, blocked.value);
    rocksdb::PinnableSlice stored;
    const auto status = database_.get(tier, Table::Blocks, key.view(), &stored);
    if (status.IsNotFound()) return false;
    if (!status.ok()) return give_up<bool>(status);
    return is_a_block(view(stored));
  });
}

Task<Result<std::vector<UserId>>> RocksUserStore::blocked_by(UserId blocker, UserId after,
                                                             std::size_t limit) {
  return reader_.read<std::vector<UserId>>(
      [=, this](ReadTier tier) { return scan_blocks(database_, tier, blocker, after, limit); });
}

}  // namespace tidings::rocks
