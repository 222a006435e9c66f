#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

// The frames of the notification socket (sub-protocol tidings.v1).
namespace tidings {

std::string encode_hello(const Uuid& connection, milliseconds poll, Time now);
std::string encode_changed(std::uint64_t n, Time now, const std::vector<GroupId>& groups);
std::string encode_recheck();
std::string encode_bye(std::string_view reason, milliseconds reconnect_after);

struct AuthFrame {
  std::string access_token;
};
struct AckFrame {
  std::uint64_t n;
};
using ClientFrame = std::variant<AuthFrame, AckFrame>;

// Errors: InvalidRequest: not one of the two, or with other fields
Result<ClientFrame> decode_client_frame(std::string_view text);

}  // namespace tidings
