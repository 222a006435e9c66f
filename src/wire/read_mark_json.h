#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidings {

// The cursor in the body of a read mark.
// Errors: InvalidRequest naming each field that is wrong
Result<std::string> decode_read_mark(std::string_view body);

}  // namespace tidings
