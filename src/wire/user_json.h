#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/accounts.h"
#include "core/profiles.h"
#include "model/user.h"
#include "wire/json_writer.h"

namespace tidings {

// Bodies of calls. Errors of each: InvalidRequest naming each field that is wrong
Result<SignUp> decode_sign_up(std::string_view body);
Result<ProfilePatch> decode_profile_patch(std::string_view body);

struct PasswordChange {
  std::string old_password;
  std::string new_password;
};
Result<PasswordChange> decode_password_change(std::string_view body);

struct StatusChange {
  ManualStatus status = ManualStatus::Auto;
  std::optional<std::string> text;  // absent: stays as it is
};
Result<StatusChange> decode_status_change(std::string_view body);

// Somebody as they see themselves: `status` is what they asked to be shown as.
void append_me(JsonWriter& json, const User& me);
std::string encode_me(const User& me);

// Somebody as another person sees them.
std::string encode_profile(const Profile& profile);
// The fields of one status, in an object that is open: those that the reader may see.
void append_status(JsonWriter& json, const ShownStatus& shown);

}  // namespace tidings
