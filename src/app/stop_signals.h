#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"

namespace tidings {

// The signals that a server hears: SIGTERM and SIGINT ask it to stop, SIGHUP to read its files
// again. Made before any thread begins, so that no other one gets them; from then on they wait
// until they are asked for. A pipe or socket that broke is no signal any more.
class StopSignals {
 public:
  StopSignals();

  // The name of the signal that asked to stop, once one has. Calls `on_hangup` for each SIGHUP.
  std::string wait(const std::function<void()>& on_hangup);
  // Nothing when none came in time, or SIGHUP did.
  std::optional<std::string> wait(milliseconds time, const std::function<void()>& on_hangup);

  // From here on those that ask to stop do what they do to any program: the second one ends it at
  // once. SIGHUP means nothing any more.
  void let_through();
};

// As many open files as the system allows: every connection is one.
void raise_file_limit();

}  // namespace tidings
