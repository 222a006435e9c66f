#pragma once

#include "app/chat.h"
#include "app/metric_page.h"

namespace tidings {

// What the core counts, and how deep the queue is. Awaits the queue.
Task<void> show_chat(MetricPage& page, Chat& chat);

}  // namespace tidings
