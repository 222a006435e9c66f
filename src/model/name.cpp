#include "model/name.h"

#include <algorithm>

#include "model/limits.h"

namespace tidings {

bool is_valid_name(std::string_view name) {
  if (name.size() < kNameCharactersMin || name.size() > kNameCharactersMax) return false;
  if (name.front() < 'a' || name.front() > 'z') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

std::string_view name_of_reference(std::string_view reference) {
  if (!reference.starts_with('@')) return {};
  const auto name = reference.substr(1);
  return is_valid_name(name) ? name : std::string_view();
}

}  // namespace tidings
