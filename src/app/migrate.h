#pragma once

#include "app/command_line.h"

namespace tidings {

// Runs `tidings admin migrate`: makes the keyspace and the tables, or brings them up to this
// version. Prints what it did.
ExitCode run_migrate(const MigrateCommand& command);

}  // namespace tidings
