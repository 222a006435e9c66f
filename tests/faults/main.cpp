#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "app/admin.h"
#include "app/command_line.h"
#include "app/migrate.h"
#include "app/serve.h"
#include "tests/faults/fault.h"

namespace tidings {
namespace {

ExitCode run_faulty(std::vector<std::string> arguments) {
  const char* const name = std::getenv("FAULT");
  const auto fault = fault_of_name(name == nullptr ? "none" : name);
  if (!fault) {
    std::fprintf(stderr, "tidings_faulty: FAULT=%s is no fault that it knows.\n", name);
    return ExitCode::Usage;
  }
  const auto command = parse_command_line(std::move(arguments), read_environment());
  if (!command) {
    std::fputs(command.error().text.c_str(), stderr);
    return command.error().code;
  }
  if (const auto* serve = std::get_if<ServeCommand>(&*command)) {
    return run_serve(*serve, with_fault(*fault));
  }
  if (const auto* admin = std::get_if<AdminCommand>(&*command)) return run_admin(*admin);
  if (const auto* migrate = std::get_if<MigrateCommand>(&*command)) return run_migrate(*migrate);
  std::fputs("tidings_faulty: only `serve`, `api`, `notify` and `admin`.\n", stderr);
  return ExitCode::Usage;
}

}  // namespace
}  // namespace tidings

int main(int count, char** arguments) {
  return static_cast<int>(
      tidings::run_faulty(std::vector<std::string>(arguments + 1, arguments + count)));
}
