#pragma once

#include <cstddef>

namespace tidings {

// How many threads all drivers of this process share: one, unless this is called before the first
// session or client is made.
void set_driver_threads(std::size_t count);

}  // namespace tidings
