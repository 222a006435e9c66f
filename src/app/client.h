#pragma once

#include "app/command_line.h"

namespace tidings {

// Runs one `tidings client` command to its end: a program on the public API alone.
ExitCode run_client(const ClientCommand& command);

}  // namespace tidings
