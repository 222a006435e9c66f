#pragma once

#include "app/embedded_backend.h"
#include "app/metric_page.h"

namespace tidings {

// What the store and the throttle of this process count.
void show_backend(MetricPage& page, EmbeddedBackend& backend);

}  // namespace tidings
