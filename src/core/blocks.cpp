#include "core/blocks.h"

#include <utility>

namespace tidings {

Task<Result<void>> Blocks::put(Caller caller, std::string name) {
  co_return co_await set(std::move(caller), std::move(name), true);
}

Task<Result<void>> Blocks::remove(Caller caller, std::string name) {
  co_return co_await set(std::move(caller), std::move(name), false);
}

Task<Result<void>> Blocks::set(Caller caller, std::string name, bool is_blocked) {
  const auto other = co_await directory_.user_by_name(std::move(name));
  if (!other) co_return forward(other);
  if ((*other)->id == caller.user) {
    co_return fail(ErrorCode::Forbidden, "Nobody can block themselves.");
  }
  const auto stored = co_await users_.put_block(caller.user, (*other)->id, is_blocked);
  if (!stored) co_return forward(stored);
  directory_.forget(caller.user);
  co_return {};
}

Task<Result<void>> Blocks::check_accepted(UserId from, std::shared_ptr<const User> to) {
  if (from == to->id) co_return {};
  const auto refused = fail(ErrorCode::NotAccepted, "This person takes no invitations from you.");
  if (!to->accepts_direct) co_return refused;
  const auto blocked = co_await directory_.blocks(to->id, from);
  if (!blocked) co_return forward(blocked);
  if (*blocked) co_return refused;
  co_return {};
}

}  // namespace tidings
