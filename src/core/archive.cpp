#include "core/archive.h"

#include <array>

namespace tidings {

std::string_view name_of(ArchiveKind kind) {
  constexpr std::array<std::string_view, kArchiveKinds> kNames = {
      "accounts", "blocks", "keys", "groups", "members", "marks", "messages", "arrivals"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace tidings
