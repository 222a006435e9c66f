#include "core/profiles.h"

#include <utility>

#include "base/bytes.h"
#include "core/change_user.h"
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
  UserChange change = [patch = std::move(patch)](User& user) -> Result<void> {
    if (user.ended_at) return fail(ErrorCode::Unauthenticated);
    if (patch.display_name) user.display_name = *patch.display_name;
    if (patch.accepts_direct) user.accepts_direct = *patch.accepts_direct;
    if (patch.metadata) user.metadata = *patch.metadata;
    return {};
  };
  co_return co_await change_user(users_, directory_, caller.user, std::move(change));
}

Task<Result<User>> Profiles::put_status(Caller caller, ManualStatus status,
                                        std::optional<std::string> text) {
  if (text) {
    const auto length = utf8_length(*text);
    if (!length || *length > kStatusTextCodePointsMax) {
      co_return fail_field("text", "must be at most 100 characters");
    }
  }
  UserChange change = [status, text = std::move(text)](User& user) -> Result<void> {
    if (user.ended_at) return fail(ErrorCode::Unauthenticated);
    user.status = status;
    if (text) user.status_text = *text;
    return {};
  };
  co_return co_await change_user(users_, directory_, caller.user, std::move(change));
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
