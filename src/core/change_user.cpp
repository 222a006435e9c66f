#include "core/change_user.h"

#include <utility>

#include "core/lost_race.h"

namespace tidings {

Task<Result<User>> change_user(UserStore& users, Directory& directory, UserId id,
                               UserChange change) {
  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto found = co_await users.find(id);
    if (!found) co_return forward(found);
    if (!*found) co_return fail(ErrorCode::UnknownUser);
    User user = std::move(**found);
    const auto changed = change(user);
    if (!changed) co_return forward(changed);
    const auto stored = co_await users.compare_and_set(user);
    if (!stored) co_return forward(stored);
    directory.forget(id);
    if (!*stored) continue;
    ++user.version;
    co_return user;
  }
  co_return lost_every_race();
}

}  // namespace tidings
