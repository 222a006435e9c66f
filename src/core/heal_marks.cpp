#include "core/heal_marks.h"

#include "base/log.h"

namespace tidings {

Task<void> heal_marks(Marker& marker, Gateway& gateway) {
  if (marker.take_overflow()) {
    log_warn("marker.overflowed");
    gateway.recheck_all();
  }
  co_await marker.heal();
}

}  // namespace tidings
