#include "core/accounts.h"

#include <utility>

#include "base/bytes.h"
#include "core/change_user.h"
#include "core/common_passwords.h"
#include "model/limits.h"
#include "model/name.h"

namespace tidings {
namespace {

Result<void> check_password(std::string_view field, std::string_view password) {
  const auto length = utf8_length(password);
  if (!length || password.size() > kPasswordBytesMax) {
    return fail_field(std::string(field), "must be UTF-8 of at most 256 bytes");
  }
  if (*length < kPasswordCodePointsMin) {
    return fail(ErrorCode::WeakPassword, "Choose a password of at least 8 characters.");
  }
  if (is_common_password(password)) {
    return fail(ErrorCode::WeakPassword, "This is one of the commonest passwords; choose another.");
  }
  return {};
}

Result<void> check_account(std::string_view name, std::string_view password,
                           std::string_view display_name) {
  if (!is_valid_name(name)) {
    return fail_field("name", "must be 2 to 32 of a-z 0-9 _ . - and start with a letter");
  }
  const auto length = utf8_length(display_name);
  if (!length || *length > kDisplayNameCodePointsMax) {
    return fail_field("display_name", "must be at most 64 characters");
  }
  return check_password("password", password);
}

std::unexpected<Error> old_is_wrong() {
  return fail(ErrorCode::BadCredentials, "The old password is wrong.");
}

std::unexpected<Error> name_taken() {
  return fail(ErrorCode::NameTaken, "Somebody has this name; choose another.");
}

}  // namespace

Accounts::Accounts(UserStore& users, Sessions& sessions, Directory& directory,
                   PasswordHasher& hasher, SignInLimit& limit, const Clock& clock,
                   AccountRules rules)
    : users_(users),
      sessions_(sessions),
      directory_(directory),
      hasher_(hasher),
      limit_(limit),
      clock_(clock),
      rules_(rules) {}

void Accounts::on_signed_up(std::function<Task<void>(User)> welcome) {
  welcome_ = std::move(welcome);
}

Task<Result<SignedUp>> Accounts::sign_up(SignUp request) {
  if (!rules_.registration_open) {
    co_return fail(ErrorCode::RegistrationClosed, "Ask an administrator for an account.");
  }
  const auto valid = check_account(request.name, request.password, request.display_name);
  if (!valid) co_return forward(valid);
  auto attempt = limit_.begin(request.ip, request.name);
  if (!attempt) co_return forward(attempt);

  bool created = false;
  auto user = co_await find_or_make(std::move(request), created);
  if (!user) {
    if (user.error().code == ErrorCode::NameTaken) attempt->failed();
    co_return forward(user);
  }
  auto session = co_await sessions_.issue(*user, {});
  if (!session) co_return forward(session);
  if (created && welcome_) {
    auto welcoming = welcome_(*user);
    co_await std::move(welcoming);
  }
  co_return SignedUp{std::move(*user), std::move(*session), created};
}

Task<Result<User>> Accounts::create(std::string name, std::string password,
                                    std::string display_name) {
  const auto valid = check_account(name, password, display_name);
  if (!valid) co_return forward(valid);
  bool created = false;
  SignUp request{std::move(name), std::move(password), std::move(display_name), {}};
  co_return co_await find_or_make(std::move(request), created);
}

// The account that these words make, or made before. `created` lives in the frame of the caller,
// who waits.
Task<Result<User>> Accounts::find_or_make(SignUp request, bool& created) {
  auto found = co_await users_.find_by_name(request.name);
  if (!found) co_return forward(found);
  if (!*found) {
    auto hash = co_await hasher_.hash(request.password);
    if (!hash) co_return forward(hash);
    User user;
    user.id = UserId{Uuid::v4()};
    user.name = request.name;
    user.display_name = request.display_name.empty() ? request.name : request.display_name;
    user.password_hash = std::move(*hash);
    user.created_at = clock_.now();
    user.last_seen = user.created_at;
    found = co_await users_.create(user);
    if (!found) co_return forward(found);
    if (!*found) {
      created = true;
      co_return user;
    }
  }

  // Somebody has the name: perhaps the caller, whose first answer was lost.
  User user = std::move(**found);
  const bool possible = !user.service && !user.disabled && !user.ended_at;
  std::string hash = possible ? user.password_hash : std::string();
  const auto same = co_await hasher_.verify(std::move(request.password), std::move(hash));
  if (!same) co_return forward(same);
  if (!*same) co_return name_taken();
  co_return user;
}

Task<Result<void>> Accounts::change_password(Caller caller, std::string old_password,
                                             std::string new_password) {
  if (caller.service) co_return fail(ErrorCode::Forbidden, "A service has no password.");
  const auto valid = check_password("new", new_password);
  if (!valid) co_return forward(valid);
  // Under no address: a stolen token tries no more passwords from many.
  auto attempt = limit_.begin({}, caller.name);
  if (!attempt) co_return forward(attempt);

  auto found = co_await users_.find(caller.user);
  if (!found) co_return forward(found);
  if (!*found || (*found)->ended_at) co_return fail(ErrorCode::Unauthenticated);
  const bool possible = old_password.size() <= kPasswordBytesMax;
  std::string old_hash = possible ? (*found)->password_hash : std::string();
  if (!possible) old_password.resize(kPasswordBytesMax);
  const auto verified = co_await hasher_.verify(std::move(old_password), std::move(old_hash));
  if (!verified) co_return forward(verified);
  if (!*verified) {
    attempt->failed();
    co_return old_is_wrong();
  }
  auto hash = co_await hasher_.hash(std::move(new_password));
  if (!hash) co_return forward(hash);

  UserChange change = [before = (*found)->password_hash, hash = *hash](User& user) -> Result<void> {
    if (user.ended_at) return fail(ErrorCode::Unauthenticated);
    // Of two who change it at the same time both have proven the old one; to the second it is wrong
    // by now.
    if (user.password_hash != before) return old_is_wrong();
    user.password_hash = hash;
    return {};
  };
  const auto changed = co_await change_user(users_, directory_, caller.user, std::move(change));
  if (!changed) co_return forward(changed);
  co_return co_await sessions_.end_all(caller.user, caller.session);
}

Task<Result<std::vector<User>>> Accounts::list(std::string after, std::size_t limit) {
  co_return co_await users_.list(std::move(after), limit);
}

Task<Result<User>> Accounts::set_disabled(std::string name, bool disabled,
                                          std::optional<UserId> by) {
  auto found = co_await users_.find_by_name(std::move(name));
  if (!found) co_return forward(found);
  if (!*found) co_return fail(ErrorCode::UnknownUser);
  if (disabled && by == (*found)->id) {
    co_return fail(ErrorCode::Forbidden,
                   "Nobody disables their own account; another admin may, or who has a shell.");
  }
  UserChange change = [disabled](User& user) -> Result<void> {
    if (user.ended_at) return fail(ErrorCode::UnknownUser);
    user.disabled = disabled;
    return {};
  };
  auto user = co_await change_user(users_, directory_, (*found)->id, std::move(change));
  if (user && disabled) {
    const auto ended = co_await sessions_.end_all(user->id, std::nullopt);
    if (!ended) co_return forward(ended);
  }
  co_return user;
}

Task<Result<User>> Accounts::set_admin(std::string name, bool admin) {
  auto found = co_await users_.find_by_name(std::move(name));
  if (!found) co_return forward(found);
  if (!*found) co_return fail(ErrorCode::UnknownUser);
  UserChange change = [admin](User& user) -> Result<void> {
    if (user.ended_at) return fail(ErrorCode::UnknownUser);
    if (user.service) return fail_field("name", "must be a person's");
    user.admin = admin;
    return {};
  };
  co_return co_await change_user(users_, directory_, (*found)->id, std::move(change));
}

}  // namespace tidings
