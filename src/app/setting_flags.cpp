#include "app/setting_flags.h"

#include <CLI/CLI.hpp>

#include "app/arguments.h"

namespace tidings {
namespace {

// What stands for a value in the help: "fsync|os", "MiB", "origins".
std::string value_name(const Setting& setting) {
  std::string name;
  for (const std::string_view choice : setting.choices) {
    if (!name.empty()) name += '|';
    name += choice;
  }
  return name.empty() ? std::string(setting.unit) : name;
}

}  // namespace

void add_setting_flags(CLI::App& command, ServerRole role, const Environment& environment,
                       ConfigSources& sources) {
  sources.file = variable(environment, "TIDINGS_CONFIG", "");
  sources.environment = environment;
  command
      .add_option("--config", sources.file,
                  "Settings file (TOML); also the variable TIDINGS_CONFIG")
      ->type_name("FILE");
  const Settings defaults;
  for (const Setting& setting : setting_table()) {
    if (setting.is_secret || !setting.is_of(role)) continue;
    const std::string key(setting.key);
    command
        .add_option_function<std::string>(
            "--" + key,
            [&sources, key](const std::string& text) { sources.flags.emplace_back(key, text); },
            std::string(setting.meaning) + " Default: " + toml_value(defaults, setting))
        ->type_name(value_name(setting))
        ->group(std::string(setting.section));
  }
}

std::string help_of_secrets(ServerRole role) {
  std::string names;
  for (const Setting& setting : setting_table()) {
    if (!setting.is_secret || !setting.is_of(role)) continue;
    if (!names.empty()) names += ", ";
    names += variable_of(setting.key);
  }
  if (names.empty()) return {};
  return "Secrets have no flag, since everybody on the machine sees flags: set them in the file, "
         "or in\n" +
         names + ".\n";
}

}  // namespace tidings
