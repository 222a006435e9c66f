#pragma once

#include <string>

#include "app/config.h"

namespace CLI {
class App;
}

namespace tidings {

// A flag of `command` for each setting that `role` reads, but for secrets, and --config. What they
// say is put into `sources`, which outlives the parse.
void add_setting_flags(CLI::App& command, ServerRole role, const Environment& environment,
                       ConfigSources& sources);

// What the help says of the settings of `role` that have no flag; empty when all have.
std::string help_of_secrets(ServerRole role);

}  // namespace tidings
