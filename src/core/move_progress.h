#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace tidings {

// Told how far an export or import has come: what it is about, how much of it is done, and how much
// there is (0: not known yet). Called often, on the thread that works.
using MoveProgress = std::function<void(std::string_view what, std::size_t done, std::size_t of)>;

}  // namespace tidings
