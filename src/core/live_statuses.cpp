#include "core/live_statuses.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/log.h"
#include "model/limits.h"

namespace tidings {
namespace {

ShownAs shown_as(const User& user, bool is_connected, Time now) {
  switch (user.status) {
    case ManualStatus::Online:
      return ShownAs::Online;
    case ManualStatus::Away:
      return ShownAs::Away;
    case ManualStatus::Busy:
      return ShownAs::Busy;
    case ManualStatus::Invisible:
      return ShownAs::Offline;
    case ManualStatus::Auto:
      break;
  }
  const bool is_there = is_connected || now - user.last_seen <= kSeenWithin;
  return is_there ? ShownAs::Online : ShownAs::Offline;
}

}  // namespace

Task<Result<std::vector<ShownStatus>>> LiveStatuses::shown(Caller caller,
                                                           std::vector<std::string> names) {
  std::vector<std::shared_ptr<const User>> users;
  std::vector<UserId> ids;
  for (std::string& name : names) {
    auto user = co_await directory_.user_by_name(std::move(name));
    if (!user && user.error().code == ErrorCode::UnknownUser) continue;
    if (!user) co_return forward(user);
    ids.push_back((*user)->id);
    users.push_back(std::move(*user));
  }
  const auto shared = co_await acquaintances_.shared(caller.user, ids);
  if (!shared) co_return forward(shared);

  std::set<UserId> connected;
  const auto locations = co_await presence_.locate(std::move(ids));
  if (locations) {
    for (const Presence::Location& location : *locations) {
      connected.insert(location.user);
    }
  } else {
    log_debug("statuses.without_presence");
  }

  const Time now = clock_.now();
  std::vector<ShownStatus> statuses;
  for (std::size_t i = 0; i < users.size(); ++i) {
    const User& user = *users[i];
    ShownStatus status;
    status.name = user.name;
    if ((*shared)[i]) {
      status.status = shown_as(user, connected.contains(user.id), now);
      status.status_text = user.status_text;
      status.last_seen = user.last_seen;
    }
    statuses.push_back(std::move(status));
  }
  co_return statuses;
}

}  // namespace tidings
