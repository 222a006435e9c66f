#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/sessions.h"
#include "core/sign_in_limit.h"
#include "model/user.h"
#include "ports/secrets.h"
#include "ports/user_store.h"

namespace tidings {

struct AccountRules {
  bool registration_open = true;  // otherwise only an administrator makes accounts
};

struct SignUp {
  std::string name;  // bare
  std::string password;
  std::string display_name;  // empty: the name
  std::string ip;
};

struct SignedUp {
  User user;
  IssuedSession session;
  bool created = false;  // false: the account was there, and this was a sign-in
};

// Makes accounts of people and guards their passwords. Safe from any thread.
class Accounts {
 public:
  Accounts(UserStore& users, Sessions& sessions, Directory& directory, PasswordHasher& hasher,
           SignInLimit& limit, const Clock& clock, AccountRules rules);

  // `welcome` is awaited for each person who signs up, before they are answered. Set before the
  // first call of any other method; called on any thread.
  void on_signed_up(std::function<Task<void>(User)> welcome);

  // Makes an account and signs in. With the name and password of an account that exists it is a
  // sign-in, so that a repeat is harmless.
  //
  // Errors: NameTaken (counts as a failed sign-in), WeakPassword, RegistrationClosed,
  //         TooManyRequests, InvalidRequest naming `name`, `password` (over 256 bytes) or
  //         `display_name` (over 64 code points), Unavailable
  Task<Result<SignedUp>> sign_up(SignUp request);

  // Gives the caller another password and ends all other sessions.
  //
  // Errors: BadCredentials, TooManyRequests (ten wrong ones a minute), WeakPassword, Forbidden (a
  //         service has none), InvalidRequest naming `new`, Unavailable
  Task<Result<void>> change_password(Caller caller, std::string old_password,
                                     std::string new_password);

  // Administration.

  // Makes an account whatever the rules say. Errors: as sign_up, but for RegistrationClosed and
  // TooManyRequests
  Task<Result<User>> create(std::string name, std::string password, std::string display_name);
  // People and services by name, after `after`; at most `limit`. Errors: Unavailable
  Task<Result<std::vector<User>>> list(std::string after, std::size_t limit);
  // A disabled person or service cannot sign in, and is refused everywhere within 5 s. `by` is
  // whose wish it is, where that is somebody with an account. Errors: UnknownUser, Forbidden (`by`
  // would disable themselves), Unavailable
  Task<Result<User>> set_disabled(std::string name, bool disabled,
                                  std::optional<UserId> by = std::nullopt);
  // Gives a person the admin role, or takes it; everywhere within 5 s. Only who holds the machine
  // may: no call of the API leads here (docs/adr/0013).
  // Errors: UnknownUser, InvalidRequest naming `name` (a service's), Unavailable
  Task<Result<User>> set_admin(std::string name, bool admin);

 private:
  Task<Result<User>> find_or_make(SignUp request, bool& created);

  UserStore& users_;
  Sessions& sessions_;
  Directory& directory_;
  PasswordHasher& hasher_;
  SignInLimit& limit_;
  const Clock& clock_;
  AccountRules rules_;
  std::function<Task<void>(User)> welcome_;
};

}  // namespace tidings
