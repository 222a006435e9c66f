#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Wall-clock time in whole milliseconds since 1970 (UTC): what is stored and shown.
using Time = std::chrono::sys_time<milliseconds>;
// Monotonic time: what deadlines and leases are measured in. Means nothing outside its process.
using Instant = std::chrono::steady_clock::time_point;

// The only source of time. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual Instant monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
  Instant monotonic() const override;
};

// RFC 3339 in UTC with milliseconds: "2026-11-23T16:04:05.678Z".
std::string format_time(Time time);
void append_time(std::string& out, Time time);
// Accepts RFC 3339 with "Z" or an offset and up to nine digits of fraction (cut to milliseconds).
std::optional<Time> parse_time(std::string_view text);

inline std::int64_t to_ms(Time time) { return time.time_since_epoch().count(); }
inline Time from_ms(std::int64_t ms) { return Time(milliseconds(ms)); }

}  // namespace tidings
