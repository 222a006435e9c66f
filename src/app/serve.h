#pragma once

#include "app/command_line.h"

namespace tidings {

// Runs `tidings serve` until a signal ends it: SIGTERM, SIGINT or SIGHUP stop it in order, a second
// one at once.
ExitCode run_serve(const ServeCommand& command);

}  // namespace tidings
