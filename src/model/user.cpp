#include "model/user.h"

#include <array>

namespace tidings {
namespace {
constexpr std::array<std::string_view, 5> kStatuses = {"auto", "online", "away", "busy",
                                                       "invisible"};
}

std::string_view name_of(ManualStatus value) {
  return kStatuses.at(static_cast<std::size_t>(value) - 1);
}

std::optional<ManualStatus> manual_status_of(std::string_view name) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    if (kStatuses[i] == name) return static_cast<ManualStatus>(i + 1);
  }
  return std::nullopt;
}

}  // namespace tidings
