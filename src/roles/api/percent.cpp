#include "roles/api/percent.h"

#include "base/bytes.h"

namespace tidings {

std::optional<std::string> percent_decode(std::string_view encoded) {
  std::string text;
  text.reserve(encoded.size());
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (encoded[at] != '%') {
      text += encoded[at];
      continue;
    }
    const auto byte = from_hex(encoded.substr(at + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    text += *byte;
    at += 2;
  }
  if (text.find('\0') != std::string::npos || !utf8_length(text)) return std::nullopt;
  return text;
}

}  // namespace tidings
