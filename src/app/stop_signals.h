#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace tidings {

// The signals that ask a server to stop: SIGTERM, SIGINT and SIGHUP. Made before any thread begins,
// so that no other one gets them; from then on they wait until they are asked for. A pipe or socket
// that broke is no signal any more.
class StopSignals {
 public:
  StopSignals();

  // The name of the one that came, once one has.
  std::string wait();
  // Nothing when none came in time.
  std::optional<std::string> wait(milliseconds time);

  // From here on they do what they do to any program: the second one ends it at once.
  void let_through();
};

// As many open files as the system allows: every connection is one.
void raise_file_limit();

}  // namespace tidings
