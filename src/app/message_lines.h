#pragma once

#include <string>

#include "wire/json_reader.h"

namespace tidings {

// A message, as the API shows it, for a terminal: its time, `place` (nothing when empty), its
// author and what it says. One that was late says so. What others wrote can't move the cursor.
//
//   2026-11-23 16:04:05  Book club  @alice  See you at six?
std::string message_line(JsonValue message, const std::string& place, bool color);

// "2026-11-23 16:04:05" in the local time zone of a time as the API writes it; "-" for none.
std::string local_time(const std::string& time);

}  // namespace tidings
