#pragma once

#include <cstddef>
#include <string>

namespace tidings {

// `size` bytes from the operating system's generator: for secrets. Safe from any thread.
std::string random_bytes(std::size_t size);

}  // namespace tidings
