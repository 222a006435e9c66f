#pragma once

#include <span>
#include <string_view>

namespace tidings {

// The word of `known` that `word` was most likely meant to be: at most two letters added, left out
// or changed. Empty when none is that near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known);

}  // namespace tidings
