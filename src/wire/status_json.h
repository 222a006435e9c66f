#pragma once

#include <string>

#include "core/status_feed.h"

namespace tidings {

std::string encode_status(const Status& status, Time now);

}  // namespace tidings
