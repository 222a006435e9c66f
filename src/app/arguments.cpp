#include "app/arguments.h"

#include <CLI/CLI.hpp>

namespace tidings {

void add_name(CLI::App& command, std::string& into, const std::string& about) {
  command
      .add_option_function<std::string>(
          "name",
          [&into](const std::string& text) { into = text.substr(text.starts_with('@') ? 1 : 0); },
          about)
      ->required()
      ->type_name("NAME");
}

std::string variable(const Environment& environment, const std::string& name,
                     const std::string& otherwise) {
  const auto found = environment.find(name);
  return found == environment.end() ? otherwise : found->second;
}

}  // namespace tidings
