#pragma once

#include "app/backend_ports.h"
#include "app/command_line.h"

namespace tidings {

// Runs `tidings serve`, `tidings api` or `tidings notify` until a signal ends it: SIGTERM, SIGINT
// or SIGHUP stop it in order, a second one at once. `hook` is for test programs, and for `serve`.
ExitCode run_serve(const ServeCommand& command, const PortsHook& hook = {});

}  // namespace tidings
