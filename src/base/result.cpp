#include "base/result.h"

#include <array>

namespace tidings {

std::string_view code_name(ErrorCode code) {
  static constexpr std::array<std::string_view, kErrorCodeCount> kNames = {"invalid-request",
                                                                           "invalid-cursor",
                                                                           "unauthenticated",
                                                                           "bad-credentials",
                                                                           "token-expired",
                                                                           "forbidden",
                                                                           "not-accepted",
                                                                           "not-here",
                                                                           "registration-closed",
                                                                           "unknown-group",
                                                                           "unknown-user",
                                                                           "unknown-message",
                                                                           "unknown-session",
                                                                           "unknown-route",
                                                                           "method-not-allowed",
                                                                           "too-slow",
                                                                           "id-conflict",
                                                                           "name-taken",
                                                                           "last-owner",
                                                                           "too-large",
                                                                           "unsupported-media-type",
                                                                           "clock-ahead",
                                                                           "too-old",
                                                                           "text-too-long",
                                                                           "weak-password",
                                                                           "too-many-reactions",
                                                                           "upgrade-required",
                                                                           "too-many-requests",
                                                                           "headers-too-large",
                                                                           "internal",
                                                                           "unavailable"};
  return kNames.at(static_cast<std::size_t>(code));
}

}  // namespace tidings
