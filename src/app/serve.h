#pragma once

#include "app/backend_ports.h"
#include "app/command_line.h"

namespace tidings {

// Runs `tidings serve`, `tidings api` or `tidings notify` until a signal ends it: SIGTERM or SIGINT
// stop it in order, a second one at once. SIGHUP lets it read its certificate again. `hook` is for
// test programs, and for `serve`.
ExitCode run_serve(const ServeCommand& command, const PortsHook& hook = {});

}  // namespace tidings
