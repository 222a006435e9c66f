#include "base/clock.h"

#include <cstdint>

namespace tidings {
namespace {

void put_digits(char* at, int width, std::int64_t value) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Reads exactly `width` digits at `at` and moves past them; -1 when there are not as many.
int take_digits(std::string_view text, std::size_t& at, std::size_t width) {
  if (text.size() < at + width) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  at += width;
  return value;
}

bool take_char(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) {
    return false;
  }
  ++at;
  return true;
}

}  // namespace

Time SystemClock::now() const {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

Instant SystemClock::monotonic() const { return std::chrono::steady_clock::now(); }

void append_time(std::string& out, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = (time - day).count();
  char text[] = "0000-00-00T00:00:00.000Z";
  put_digits(text, 4, static_cast<int>(date.year()));
  put_digits(text + 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text + 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text + 11, 2, of_day / 3'600'000);
  put_digits(text + 14, 2, of_day / 60'000 % 60);
  put_digits(text + 17, 2, of_day / 1'000 % 60);
  put_digits(text + 20, 3, of_day % 1'000);
  out.append(text, sizeof text - 1);
}

std::string format_time(Time time) {
  std::string out;
  append_time(out, time);
  return out;
}

std::optional<Time> parse_time(std::string_view text) {
  std::size_t at = 0;
  const int year = take_digits(text, at, 4);
  if (year < 0 || !take_char(text, at, "-")) return std::nullopt;
  const int month = take_digits(text, at, 2);
  if (month < 0 || !take_char(text, at, "-")) return std::nullopt;
  const int day = take_digits(text, at, 2);
  if (day < 0 || !take_char(text, at, "Tt ")) return std::nullopt;
  const int hour = take_digits(text, at, 2);
  if (hour < 0 || hour > 23 || !take_char(text, at, ":")) return std::nullopt;
  const int minute = take_digits(text, at, 2);
  if (minute < 0 || minute > 59 || !take_char(text, at, ":")) return std::nullopt;
  const int second = take_digits(text, at, 2);
  if (second < 0 || second > 59) return std::nullopt;
  int fraction_ms = 0;
  if (take_char(text, at, ".")) {
    int digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      if (digits < 3) fraction_ms = fraction_ms * 10 + (text[at] - '0');
    }
    if (digits == 0 || digits > 9) return std::nullopt;
    for (; digits < 3; ++digits) fraction_ms *= 10;
  }
  int offset_min = 0;
  if (!take_char(text, at, "Zz")) {
    const bool behind = at < text.size() && text[at] == '-';
    if (!take_char(text, at, "+-")) return std::nullopt;
    const int hours = take_digits(text, at, 2);
    if (hours < 0 || hours > 23 || !take_char(text, at, ":")) return std::nullopt;
    const int minutes = take_digits(text, at, 2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
    offset_min = (hours * 60 + minutes) * (behind ? -1 : 1);
  }
  if (at != text.size()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute - offset_min) + seconds(second) + milliseconds(fraction_ms);
}

}  // namespace tidings
