#include "bridge/driver_threads.h"

#include <tidings-driver/src/lib.rs.h>

namespace tidings {

void set_driver_threads(std::size_t count) { driver::set_driver_threads(count); }

}  // namespace tidings
