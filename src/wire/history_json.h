#pragma once

#include <span>
#include <string>

#include "core/history.h"

namespace tidings {

// Equal pages are equal bytes: nothing in them tells the time, so that they can have an ETag.
std::string encode_history(const HistoryPage& page);
std::string encode_rows(std::span<const ShownMessage> rows);
std::string encode_message(const ShownMessage& shown);

}  // namespace tidings
