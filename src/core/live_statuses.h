#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "core/acquaintances.h"
#include "core/directory.h"
#include "core/statuses.h"
#include "ports/presence.h"

namespace tidings {

// Shows people as they asked to be shown, and otherwise as online while they are connected or were
// seen in the last 60 s: only to those who share a group with them.
class LiveStatuses final : public Statuses {
 public:
  LiveStatuses(Directory& directory, Acquaintances& acquaintances, Presence& presence,
               const Clock& clock)
      : directory_(directory), acquaintances_(acquaintances), presence_(presence), clock_(clock) {}

  // Without presence people are judged by when they were last seen.
  Task<Result<std::vector<ShownStatus>>> shown(Caller caller,
                                               std::vector<std::string> names) override;

 private:
  Directory& directory_;
  Acquaintances& acquaintances_;
  Presence& presence_;
  const Clock& clock_;
};

}  // namespace tidings
