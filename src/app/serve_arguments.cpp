#include <CLI/CLI.hpp>
#include <string>

#include "app/arguments.h"
#include "app/setting_flags.h"

namespace tidings {
namespace {

// Servers, which take settings and nothing else.
class ServeArguments final : public Arguments {
 public:
  ServeArguments(CLI::App& app, const Environment& environment, std::optional<Command>& chosen)
      : Arguments(app, environment, chosen) {
    add_serve();
    add_workers();
  }

 private:
  void add_serve() {
    add_server(
        serve_, "serve",
        "Run everything in one process: API, WebSockets, store. Needs no other service and keeps "
        "all it has in the data directory. SIGTERM or Ctrl-C stops it in order; a second one at "
        "once. SIGHUP lets it read the files of tls-cert and tls-key again.",
        "  tidings serve\n"
        "      On http://127.0.0.1:7400, everything in ./data.\n"
        "  tidings serve --data /var/lib/tidings --listen 0.0.0.0:443 \\\n"
        "      --tls-cert fullchain.pem --tls-key privkey.pem\n"
        "      For the world.\n"
        "  tidings serve --print-config > tidings.toml && tidings serve --config tidings.toml\n"
        "      Begin a settings file, and use it.");
  }

  void add_workers() {
    add_server(
        api_, "api",
        "Run one API worker of a cluster: everything of the API but the WebSockets. It keeps "
        "nothing; Cassandra and Redis do. Run as many as you like behind a load balancer that asks "
        "/readyz on admin-listen. Waits for Cassandra, its tables and Redis; `tidings admin "
        "migrate` makes the tables. SIGTERM drains it: not ready for drain-wait-s, then nothing "
        "new.",
        "  tidings api --cassandra 10.0.1.1:9042,10.0.1.2:9042 --redis 10.0.2.1:6379 \\\n"
        "      --listen 0.0.0.0:7400 --trusted-proxies 10.0.0.0/24\n"
        "  tidings api --listen 127.0.0.1:7410 --admin-listen 127.0.0.1:7411\n"
        "      A second one on this machine.");
    add_server(
        notify_, "notify",
        "Run one notification worker of a cluster: it holds WebSockets, takes changed groups from "
        "the queue and tells the people in them, through other notification workers where those "
        "hold their sockets. All of them know one internal-secret. SIGTERM drains it: not ready "
        "for drain-wait-s, then every socket is told when to come back, and comes to another.",
        "  TIDINGS_INTERNAL_SECRET=$(cat secret) tidings notify \\\n"
        "      --cassandra 10.0.1.1:9042,10.0.1.2:9042 --redis 10.0.2.1:6379 \\\n"
        "      --listen 0.0.0.0:7400 --internal-listen 0.0.0.0:7402 --internal-address "
        "10.0.3.7:7402");
  }

  // A command that takes settings, and nothing else.
  void add_server(ServeCommand& into, const std::string& name, const std::string& about,
                  const std::string& examples) {
    CLI::App& server = *app_.add_subcommand(name, about);
    server.footer(
        "Every setting has one name: the flag --listen is the key `listen` in the file and the\n"
        "variable TIDINGS_LISTEN. A flag beats a variable, and a variable beats the file.\n" +
        help_of_secrets(into.role) + "\nExamples:\n" + examples);
    add_setting_flags(server, into.role, environment_, into.sources);
    server.add_flag("--print-config", into.print_config,
                    "Print the settings in force as a commented settings file, and exit");
    server.callback([this, &into] { chosen_ = into; });
  }

  ServeCommand serve_;
  ServeCommand api_{.role = ServerRole::Api, .sources = {}};
  ServeCommand notify_{.role = ServerRole::Notify, .sources = {}};
};

}  // namespace

std::unique_ptr<Arguments> add_serve_arguments(CLI::App& app, const Environment& environment,
                                               std::optional<Command>& chosen) {
  return std::make_unique<ServeArguments>(app, environment, chosen);
}

}  // namespace tidings
