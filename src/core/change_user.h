#pragma once

#include <functional>

#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "model/user.h"
#include "ports/user_store.h"

namespace tidings {

// Changes a user as stored now, or refuses to.
using UserChange = std::function<Result<void>(User&)>;

// Reads a user, changes and stores it, and lets this process forget what it knew. When somebody
// else changed the user meanwhile, the same change is made to what they stored. Returns the user
// as stored.
//
// Errors: that of `change`; UnknownUser, Unavailable
Task<Result<User>> change_user(UserStore& users, Directory& directory, UserId id,
                               UserChange change);

}  // namespace tidings
