#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace tidings {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error, Off };

// One value of a log line. Numbers are written bare, text quoted where it must be.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value);
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  LogField(std::string_view key, Number value) : key(key), value(std::to_string(value)) {}

  std::string_view key;
  std::string value;
};

// One event a line on standard error, safe from any thread:
//   2026-11-23T16:04:05.678Z info  http.answered request=… status=201 ms=3
// `event` is "room.what_happened". Never a secret, a token or message text.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::Debug, event, fields);
}
inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::Info, event, fields);
}
inline void log_warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::Warn, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log_event(LogLevel::Error, event, fields);
}

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

}  // namespace tidings
