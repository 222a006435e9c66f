#pragma once

#include "app/command_line.h"

namespace tidings {

// Runs one `tidings admin` command to its end: through the server that runs on the data directory,
// or on the directory itself. Prints what came of it.
ExitCode run_admin(const AdminCommand& command);

}  // namespace tidings
