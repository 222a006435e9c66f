#include "app/message_lines.h"

#include <ctime>

#include "app/api_client.h"
#include "app/terminal.h"

namespace tidings {
namespace {

// Lines after the first stand below it.
std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

std::string said(JsonValue message) {
  const std::string kind = text_at(message, "kind");
  std::string text = indented(printable(text_at(message, "text"), /*lines=*/true));
  const std::string target = text_at(message, "target");
  const std::string emoji = printable(text_at(message, "emoji"), /*lines=*/false);
  if (is_true_at(message, "deleted")) return "(deleted)";
  if (kind == "edit") return "(now says, of " + target + ") " + text;
  if (kind == "delete") return "(deleted " + target + ')';
  if (kind == "reaction")
    return (is_true_at(message, "remove") ? "(took back " : "(reacted ") + emoji + " to " + target +
           ')';
  if (kind == "opaque") return "(encrypted, " + printable(text_at(message, "scheme"), false) + ')';
  return text;
}

std::string reactions_of(JsonValue message) {
  const auto reactions = message.find("reactions");
  if (!reactions) return {};
  std::string out;
  for (const JsonValue reaction : *reactions) {
    out += "  " + printable(text_at(reaction, "emoji"), false);
    if (const auto count = number_at(reaction, "count"); count > 1)
      out += "×" + std::to_string(count);
  }
  return out;
}

}  // namespace

std::string local_time(const std::string& time) {
  const auto parsed = parse_time(time);
  if (!parsed) return "-";
  const std::time_t when = std::chrono::system_clock::to_time_t(*parsed);
  std::tm local{};
  ::localtime_r(&when, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

std::string message_line(JsonValue message, const std::string& place, bool color) {
  const auto paint = [color](const char* code, const std::string& text) {
    return color ? "\x1b[" + std::string(code) + 'm' + text + "\x1b[0m" : text;
  };
  std::string line = paint("2", local_time(text_at(message, "sent_at"))) + "  ";
  if (!place.empty()) line += paint("36", printable(place, false)) + "  ";
  line += paint("1", printable(text_at(message, "from"), false)) + "  " + said(message);
  line += reactions_of(message);
  if (message.find("edited_at")) line += paint("2", "  (edited)");
  if (is_true_at(message, "late"))
    line += paint("33", "  (late: arrived " + local_time(text_at(message, "received_at")) + ')');
  return line;
}

}  // namespace tidings
