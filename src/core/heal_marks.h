#pragma once

#include "base/task.h"
#include "core/gateway.h"
#include "core/marker.h"

namespace tidings {

// Makes up for marks that failed, in a process that holds both. Called each second: tries them
// again, and where more groups changed than could be remembered lets everybody who is connected
// look for themselves.
Task<void> heal_marks(Marker& marker, Gateway& gateway);

}  // namespace tidings
