#include "core/profiles.h"

#include <utility>

#include "base/bytes.h"
#include "model/limits.h"

namespace tidings {
namespace {

Result<void> check(const ProfilePatch& patch) {
  if (patch.display_name) {
    const auto length = utf8_length(*patch.display_name);
    if (!length || *length < 1 || *length > kDisplayNameCodePointsMax) {
      return fail_field("display_name", "must be 1 to 64 characters");
    }
  }
  if (patch.metadata && patch.metadata->size() > kMetadataBytesMax) {
    return fail_field("metadata", "must be at most 4 KiB as compact JSON");
  }
  return {};
}

}  // namespace

Task<Result<User>> Profiles::me(Caller caller) {
  auto found = co_await users_.find(caller.user);
  if (!found) co_return forward(found);
  if (!*found || (*found)->ended_at) co_return fail(ErrorCode::Unauthenticated);
  co_return std::move(**found);
}

Task<Result<User>> Profiles::patch(Caller caller, ProfilePatch patch) {
  const auto valid = check(patch);
  if (!valid) co_return forward(valid);
  auto user = co_await me(std::move(caller));
  if (!user) co_return forward(user);
  if (patch.display_name) user->display_name = std::move(*patch.display_name);
  if (patch.accepts_direct) user->accepts_direct = *patch.accepts_direct;
  if (patch.metadata) user->metadata = std::move(*patch.metadata);
  co_return co_await store(std::move(*user));
}

Task<Result<User>> Profiles::put_status(Caller caller, ManualStatus status,
                                        std::optional<std::string> text) {
  if (text) {
    const auto length = utf8_length(*text);
    if (!length || *length > kStatusTextCodePointsMax) {
      co_return fail_field("text", "must be at most 100 characters");
    }
  }
  auto user = co_await me(std::move(caller));
  if (!user) co_return forward(user);
  user->status = status;
  if (text) user->status_text = std::move(*text);
  co_return co_await store(std::move(*user));
}

Task<Result<User>> Profiles::store(User user) {
  const auto stored = co_await users_.update(user);
  if (!stored) co_return forward(stored);
  directory_.forget(user.id);
  co_return user;
}

Task<Result<Profile>> Profiles::find(Caller caller, std::string name) {
  auto user = co_await directory_.user_by_name(name);
  if (!user) co_return forward(user);
  std::vector<std::string> names{std::move(name)};
  auto shown = co_await statuses_.shown(std::move(caller), std::move(names));
  if (!shown) co_return forward(shown);
  // The account may have ended between the two.
  if (shown->empty()) co_return fail(ErrorCode::UnknownUser);
  co_return Profile{std::move(*user), std::move(shown->front())};
}

}  // namespace tidings
