#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/server_figures.h"
#include "core/services.h"
#include "model/user.h"

// What operators ask and are answered, on the admin socket and under /v1/ops.
namespace tidings {

std::string encode_figures(const ServerFigures& figures, Time now);

std::string encode_account(const User& user);
// `next`: where the next page begins, if there may be one.
std::string encode_accounts(const std::vector<User>& users, const std::optional<std::string>& next);

std::string encode_services(const ServicePage& page);
// With the token, which is shown this once.
std::string encode_new_key(const NewKey& made);

struct KeyRequest {
  std::string name;
  KeyRules rules;
};
// Errors of both: InvalidRequest naming each field that is wrong
Result<KeyRequest> decode_key_request(std::string_view body);
Result<bool> decode_disabled(std::string_view body);

}  // namespace tidings
