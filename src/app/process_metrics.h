#pragma once

#include "app/metric_page.h"

namespace tidings {

// What this process takes of the machine: memory, processor time, open files.
void show_process(MetricPage& page);

}  // namespace tidings
