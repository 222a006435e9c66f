#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/sync.h"

namespace tidings {

// The body of a pull.
// Errors: InvalidRequest naming each field that is wrong
Result<PullRequest> decode_pull(std::string_view body);

std::string encode_changes(const Changes& changes, Time now);
std::string encode_pull(std::span<const PullResult> results, Time now);

}  // namespace tidings
