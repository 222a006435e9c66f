#pragma once

#include <string>
#include <string_view>

#include "core/list_page.h"
#include "core/sessions.h"
#include "model/user.h"

namespace tidings {

// The version of the API that `session` and `hello` tell: fields are only ever added within "1".
inline constexpr std::string_view kApiVersion = "1.0";

struct SignIn {
  std::string name;
  std::string password;
  std::string device;
};
// Errors of each: InvalidRequest naming each field that is wrong
Result<SignIn> decode_sign_in(std::string_view body);
Result<std::string> decode_refresh(std::string_view body);  // the refresh token

std::string encode_signed_in(const User& user, const IssuedSession& session, Time now);
std::string encode_refreshed(const IssuedSession& session, Time now);
std::string encode_sessions(const ListPage<ListedSession>& page);

}  // namespace tidings
