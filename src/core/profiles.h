#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/statuses.h"
#include "model/user.h"
#include "ports/user_store.h"

namespace tidings {

// What to change; what is absent stays.
struct ProfilePatch {
  std::optional<std::string> display_name;
  std::optional<bool> accepts_direct;
  std::optional<std::string> metadata;  // a compact JSON object with sorted keys; empty: none
};

struct Profile {
  std::shared_ptr<const User> user;
  ShownStatus shown;  // as to the reader
};

// What people say about themselves. Safe from any thread.
class Profiles {
 public:
  Profiles(UserStore& users, Directory& directory, Statuses& statuses)
      : users_(users), directory_(directory), statuses_(statuses) {}

  // The caller, as stored now. Errors: Unauthenticated (the account has ended), Unavailable
  Task<Result<User>> me(Caller caller);

  // Errors: InvalidRequest naming `display_name` (1 to 64 code points) or `metadata` (over 4 KiB),
  //         Unauthenticated, Unavailable
  Task<Result<User>> patch(Caller caller, ProfilePatch patch);

  // Stores what the caller asks to be shown as. No `text` leaves the text as it is.
  //
  // Errors: InvalidRequest naming `text` (over 100 code points), Unauthenticated, Unavailable
  Task<Result<User>> put_status(Caller caller, ManualStatus status,
                                std::optional<std::string> text);

  // Somebody by their bare name. Errors: UnknownUser, Unavailable
  Task<Result<Profile>> find(Caller caller, std::string name);

 private:
  UserStore& users_;
  Directory& directory_;
  Statuses& statuses_;
};

}  // namespace tidings
