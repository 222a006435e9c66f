#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "app/admin.h"
#include "app/client.h"
#include "app/command_line.h"
#include "app/migrate.h"
#include "app/serve.h"

namespace tidings {
namespace {

ExitCode run(const ServeCommand& command) { return run_serve(command); }
ExitCode run(const MigrateCommand& command) { return run_migrate(command); }
ExitCode run(const AdminCommand& command) { return run_admin(command); }
ExitCode run(const ClientCommand& command) { return run_client(command); }

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
  // Whatever this program writes (stores, backups, archives, keys) holds what people said or their
  // secrets: it is its owner's alone, however open the shell that started us is.
  ::umask(S_IRWXG | S_IRWXO);
  return static_cast<int>(
      tidings::run_program(std::vector<std::string>(arguments + 1, arguments + count)));
}
