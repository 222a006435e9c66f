#include "core/services.h"

#include <utility>

#include "base/random.h"
#include "core/secret_token.h"
#include "model/name.h"

namespace tidings {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::uint32_t kRateMax = 1'000'000;
constexpr std::uint32_t kRateSecondsMax = 3'600;
// Services are found among everybody else, whom a page of them looks at.
constexpr std::size_t kUsersPerRead = 100;
constexpr std::size_t kUsersPerPageMax = 1'000;

Result<void> check(const KeyRules& rules) {
  const bool is_default = rules.send_burst == 0 && rules.send_per_seconds == 0;
  const bool is_rate = rules.send_burst >= 1 && rules.send_burst <= kRateMax &&
                       rules.send_per_seconds >= 1 && rules.send_per_seconds <= kRateSecondsMax;
  if (is_default || is_rate) return {};
  return fail_field("rate", "must be 1 to 1,000,000 sends in 1 to 3,600 seconds");
}

}  // namespace

Services::Services(UserStore& users, SessionStore& keys, Sessions& sessions, const Clock& clock)
    : users_(users), keys_(keys), sessions_(sessions), clock_(clock) {}

Task<Result<NewKey>> Services::create(std::string name, KeyRules rules) {
  if (!is_valid_name(name)) {
    co_return fail_field("name", "must be 2 to 32 of a-z 0-9 _ . - and start with a letter");
  }
  const auto valid = check(rules);
  if (!valid) co_return forward(valid);
  auto service = co_await find_or_make(std::move(name));
  if (!service) co_return forward(service);

  ServiceKey key;
  key.id = KeyId{Uuid::v4()};
  key.user = service->id;
  key.may_import = rules.may_import;
  key.send_burst = rules.send_burst;
  key.send_per_seconds = rules.send_per_seconds;
  key.created_at = clock_.now();
  std::string token =
      make_secret_token(kServiceKeyPrefix, key.id.value, random_bytes(kSecretBytes));
  key.secret_hash = hash_of_secret_token(token);
  const auto stored = co_await keys_.put_key(key);
  if (!stored) co_return forward(stored);
  co_return NewKey{std::move(*service), std::move(key), std::move(token)};
}

Task<Result<User>> Services::find_or_make(std::string name) {
  User service;
  service.id = UserId{Uuid::v4()};
  service.name = name;
  service.display_name = std::move(name);
  service.service = true;
  service.created_at = clock_.now();
  service.last_seen = service.created_at;
  auto before = co_await users_.create(service);
  if (!before) co_return forward(before);
  if (!*before) co_return service;
  if (!(*before)->service || (*before)->ended_at) {
    co_return fail(ErrorCode::NameTaken, "This name is not a service's; choose another.");
  }
  co_return std::move(**before);
}

Task<Result<ServicePage>> Services::list(std::string after, std::size_t limit) {
  ServicePage page;
  for (std::size_t looked_at = 0; looked_at < kUsersPerPageMax; looked_at += kUsersPerRead) {
    auto users = co_await users_.list(after, kUsersPerRead);
    if (!users) co_return forward(users);
    for (User& user : *users) {
      after = user.name;
      if (!user.service || user.ended_at) continue;
      auto keys = co_await keys_.keys_of(user.id);
      if (!keys) co_return forward(keys);
      page.services.push_back({std::move(user), std::move(*keys)});
      if (page.services.size() < limit) continue;
      page.next = std::move(after);
      co_return page;
    }
    if (users->size() < kUsersPerRead) co_return page;
  }
  page.next = std::move(after);
  co_return page;
}

Task<Result<void>> Services::revoke(std::string name, std::optional<KeyId> key) {
  const auto service = co_await users_.find_by_name(name);
  if (!service) co_return forward(service);
  if (!*service || !(*service)->service) {
    co_return fail(ErrorCode::UnknownUser, "There is no service @" + name + '.');
  }
  auto keys = co_await keys_.keys_of((*service)->id);
  if (!keys) co_return forward(keys);

  bool found = !key;
  for (ServiceKey& each : *keys) {
    if (key && each.id != *key) continue;
    found = true;
    const auto revoked = co_await sessions_.revoke_key(std::move(each));
    if (!revoked) co_return forward(revoked);
  }
  if (!found) co_return fail(ErrorCode::UnknownUser, "This service has no such key.");
  co_return {};
}

}  // namespace tidings
