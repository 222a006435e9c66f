#include "adapters/cassandra/signing_keys.h"

#include <utility>

#include "base/bytes.h"
#include "base/ensure.h"

namespace tidings::cassandra {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kKeysMax = 2;
constexpr milliseconds kSignsFor = std::chrono::days(30);
constexpr milliseconds kAnnouncedFor = std::chrono::minutes(10);
constexpr std::string_view kPurpose = "access";

// version 1 | then for each key, the newest first: signs_from 8 | seed 32
std::string encode(const std::vector<SigningKeys::Key>& keys) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  for (const auto& key : keys) {
    writer.time(key.signs_from);
    writer.raw(key.seed);
  }
  return bytes;
}

bool decode(std::string_view bytes, std::vector<SigningKeys::Key>& keys) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  while (reader.ok() && !reader.at_end()) {
    auto& key = keys.emplace_back();
    key.signs_from = reader.time();
    key.seed = reader.raw(kSeedBytes);
  }
  return reader.at_end() && !keys.empty() && keys.size() <= kKeysMax;
}

}  // namespace

const SigningKeys::Key& SigningKeys::signing(Time now) const {
  const bool is_announced = keys.size() > 1 && now < keys.front().signs_from;
  return is_announced ? keys.back() : keys.front();
}

const SigningKeys::Key* SigningKeys::believed(Time now) const {
  if (keys.size() < 2) return nullptr;
  return now < keys.front().signs_from ? &keys.front() : &keys.back();
}

Result<std::unique_ptr<CassandraSigningKeys>> CassandraSigningKeys::open(CqlSession& session,
                                                                         const Clock& clock) {
  std::unique_ptr<CassandraSigningKeys> keys(new CassandraSigningKeys(session, clock));
  auto prepared = keys->session_.prepare(
      {{keys->find_, "SELECT keys, version FROM signing_keys WHERE purpose = ?", kRowRead},
       {keys->create_,
        "INSERT INTO signing_keys (purpose, keys, version) VALUES (?, ?, 1) IF NOT EXISTS",
        kTransaction},
       {keys->set_,
        "UPDATE signing_keys SET keys = ?, version = ? WHERE purpose = ? IF version = ?",
        kTransaction}});
  if (!prepared) return forward(std::move(prepared));
  return keys;
}

Task<Result<SigningKeys>> CassandraSigningKeys::load(std::string new_seed) {
  ensure(new_seed.size() == kSeedBytes, "a seed has 32 bytes");
  auto stored = co_await read();
  if (!stored || stored->version != 0) co_return stored;
  const std::vector<SigningKeys::Key> keys{{std::move(new_seed), session_.clock().now()}};
  const auto created =
      co_await session_.run(create_, CqlValues().text(kPurpose).blob(encode(keys)));
  if (!created) co_return forward(created);
  co_return co_await read();  // ours, or of who was faster
}

Task<Result<SigningKeys>> CassandraSigningKeys::rotate_if_due(std::string new_seed) {
  auto stored = co_await load(new_seed);
  if (!stored) co_return stored;
  const bool is_due = session_.clock().now() - stored->keys.front().signs_from >= kSignsFor;
  if (!is_due) co_return stored;
  co_return co_await announce(std::move(*stored), std::move(new_seed));
}

Task<Result<SigningKeys>> CassandraSigningKeys::rotate(std::string new_seed) {
  auto stored = co_await load(new_seed);
  if (!stored) co_return stored;
  if (session_.clock().now() < stored->keys.front().signs_from) {
    co_return fail(ErrorCode::InvalidRequest,
                   "A new key was announced a moment ago and does not sign yet; wait for ten "
                   "minutes.");
  }
  co_return co_await announce(std::move(*stored), std::move(new_seed));
}

Task<Result<SigningKeys>> CassandraSigningKeys::announce(SigningKeys before, std::string new_seed) {
  ensure(new_seed.size() == kSeedBytes, "a seed has 32 bytes");
  const Time signs_from = session_.clock().now() + kAnnouncedFor;
  const std::vector<SigningKeys::Key> keys{{std::move(new_seed), signs_from}, before.keys.front()};
  const auto version = static_cast<std::int64_t>(before.version);
  const auto applied = co_await session_.apply(
      set_, CqlValues().blob(encode(keys)).int64(version + 1).text(kPurpose).int64(version));
  if (!applied) co_return forward(applied);
  co_return co_await read();  // somebody who was faster announced another one, which is as good
}

// Version 0: there is no row.
Task<Result<SigningKeys>> CassandraSigningKeys::read() {
  SigningKeys found;
  const auto rows = co_await session_.run(find_, CqlValues().text(kPurpose));
  if (!rows) co_return forward(rows);
  if (rows->empty()) co_return found;
  if (!decode((*rows)[0].blob(0), found.keys)) co_return fail_damaged("signing_keys", kPurpose);
  found.version = static_cast<std::uint64_t>((*rows)[0].int64(1));
  co_return found;
}

}  // namespace tidings::cassandra
