#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidings {

// The text that a percent-encoded part of a URL stands for. Nothing when an escape is broken or the
// bytes are not UTF-8, or hold U+0000.
std::optional<std::string> percent_decode(std::string_view encoded);

}  // namespace tidings
