#pragma once

#include <string_view>

namespace tidings {

// The list, in lower case, in the order of its bytes, parted by white space.
std::string_view common_passwords();

// Whether a password is one of the 3,000 that are tried first; capitals make it no better. Safe
// from any thread.
bool is_common_password(std::string_view password);

}  // namespace tidings
