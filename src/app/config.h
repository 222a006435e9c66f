#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/settings.h"
#include "base/result.h"

namespace tidings {

using Environment = std::map<std::string, std::string>;

// The variables of this process whose name starts with "TIDINGS_".
Environment read_environment();

// Where settings come from, each beating the one before it: defaults, file, environment, flags.
struct ConfigSources {
  std::string file = {};  // path of a TOML file; empty: none
  Environment environment = {};
  std::vector<std::pair<std::string, std::string>> flags = {};  // ("listen", "127.0.0.1:7400")
};

struct Config {
  Settings settings;
  std::vector<std::string> warnings;  // variables that look like settings and are none
};

// What `role` does not read may be set all the same: workers of both kinds can share a file.
//
// Errors: InvalidRequest   the detail is whole and for people: it names the file, the line and the
//                          key (or the variable, or the flag), and says what is allowed
Result<Config> load_config(const ConfigSources& sources, ServerRole role = ServerRole::Serve);

// Overwrites what `toml`, read from `file`, sets. Errors: as load_config
Result<void> apply_toml(Settings& settings, std::string_view toml, std::string_view file);

}  // namespace tidings
