#include <cstdio>
#include <string>
#include <vector>

#include "app/command_line.h"

namespace tidings {
namespace {

ExitCode run(const ServeCommand& command) {
  auto config = load_config(command.sources);
  if (!config) {
    std::fprintf(stderr, "tidings: %s\n", config.error().detail.c_str());
    return ExitCode::Usage;
  }
  if (command.print_config) {
    std::fputs(to_toml(config->settings).c_str(), stdout);
    return ExitCode::Done;
  }
  return ExitCode::Failed;
}
ExitCode run(const AdminCommand&) { return ExitCode::Failed; }
ExitCode run(const ClientCommand&) { return ExitCode::Failed; }

ExitCode run_program(std::vector<std::string> arguments) {
  const auto command = parse_command_line(std::move(arguments), read_environment());
  if (!command) {
    const CommandLineEnd& end = command.error();
    std::fputs(end.text.c_str(), end.code == ExitCode::Done ? stdout : stderr);
    return end.code;
  }
  return std::visit([](const auto& what) { return run(what); }, *command);
}

}  // namespace
}  // namespace tidings

int main(int count, char** arguments) {
  return static_cast<int>(
      tidings::run_program(std::vector<std::string>(arguments + 1, arguments + count)));
}
