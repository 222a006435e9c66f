#pragma once

#include <source_location>
#include <string_view>

namespace tidings {

// Stops the process when an invariant of ours is broken. Never for what a person, a disk or a
// network sent.
void ensure(bool holds, std::string_view what = {},
            std::source_location where = std::source_location::current());

}  // namespace tidings
