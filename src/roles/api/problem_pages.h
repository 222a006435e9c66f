#pragma once

#include <string>

#include "base/result.h"

namespace tidings {

// The page that explains a problem to the developer who met it: what it means and what to do.
std::string problem_page(ErrorCode code);

}  // namespace tidings
