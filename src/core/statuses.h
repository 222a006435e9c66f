#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "model/user.h"

namespace tidings {

// What somebody is shown as to one reader.
enum class ShownAs : std::uint8_t { Offline = 1, Online, Away, Busy };

struct ShownStatus {
  std::string name;  // bare
  // Absent for people with whom the reader shares no group.
  std::optional<ShownAs> status;
  std::string status_text;
  std::optional<Time> last_seen;
};

// Says how people are shown. Safe from any thread.
class Statuses {
 public:
  virtual ~Statuses() = default;

  // The statuses of the people with these bare names (at most 100), in that order; names that
  // nobody has are left out. Errors: Unavailable
  virtual Task<Result<std::vector<ShownStatus>>> shown(Caller caller,
                                                       std::vector<std::string> names) = 0;
};

}  // namespace tidings
