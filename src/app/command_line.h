#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/config.h"
#include "app/settings.h"
#include "model/ids.h"

namespace tidings {

// What the program answers to its caller. docs/operations.md and `tidings --help` list them.
enum class ExitCode : int {
  Done = 0,
  Failed = 1,       // the message says why; `admin check` found damage
  Usage = 2,        // the command line or the configuration is wrong
  Unreachable = 3,  // no server, no store, or the data directory is in use: it may work later
};

// Runs a server: the whole of it, or one worker of a cluster.
struct ServeCommand {
  ServerRole role = ServerRole::Serve;
  ConfigSources sources;
  bool print_config = false;
};

// Makes or completes the tables of a cluster.
struct MigrateCommand {
  ConfigSources sources;
};

struct AccountCreate {
  std::string name;
  std::string display_name;
  bool password_stdin = false;
};
struct AccountList {};
struct AccountDisable {
  std::string name;
  bool enable = false;
};
struct AccountAdmin {
  std::string name;
  bool off = false;
};
struct ServiceCreate {
  std::string name;
  std::optional<Rate> rate;
  bool may_import = false;
};
struct ServiceList {};
struct ServiceRevoke {
  std::string name;
  std::string key;  // empty: all keys of the service
};
struct AdminStatus {};
struct AdminBackup {
  std::string directory;
};
struct AdminRestore {
  std::string from;
};
struct AdminExport {
  std::string directory;
};
struct AdminImport {
  std::string directory;
};
struct AdminRotateKeys {};
struct AdminCheck {};

struct AdminCommand {
  std::string data;
  std::optional<ConfigSources> cluster;  // what a cluster's workers read: there, and not in `data`
  bool json = false;
  std::variant<AccountCreate, AccountList, AccountDisable, AccountAdmin, ServiceCreate, ServiceList,
               ServiceRevoke, AdminStatus, AdminBackup, AdminRestore, AdminRotateKeys, AdminCheck,
               AdminExport, AdminImport>
      what;
};

struct ClientLogin {
  std::string name;
  bool password_stdin = false;
  bool is_new = false;  // make the account first
  std::string device;
};
struct ClientLogout {};
struct ClientSend {
  std::vector<std::string> to;
  std::string text;  // "-": from standard input
  std::uint32_t timeout_s = 60;
  std::optional<MessageId> id;  // of an attempt before this one; none: a new message
};
struct ClientTail {
  std::string group;  // empty: all
  std::size_t last = 10;
  std::uint32_t for_s = 0;  // 0: until interrupted
};
struct ClientStatus {};
struct ClientHistory {
  std::string group;
  std::size_t limit = 50;
  std::string before;
};
struct ClientImport {
  std::string file;  // "-": standard input
  std::string to;    // for lines that name no group of their own
};

struct ClientCommand {
  std::string server;
  std::string state;  // path of the file that keeps the tokens
  std::string ca;     // PEM, instead of the system's authorities
  std::string key;    // of a service, instead of somebody who signed in
  std::variant<ClientLogin, ClientLogout, ClientSend, ClientTail, ClientStatus, ClientHistory,
               ClientImport>
      what;
};

using Command = std::variant<ServeCommand, MigrateCommand, AdminCommand, ClientCommand>;

// The arguments ask for nothing but a text: help, the version, or what is wrong with them.
struct CommandLineEnd {
  ExitCode code = ExitCode::Done;
  std::string text;  // for standard output when code is Done, else for standard error
};

// `arguments` are those after the program's name.
std::expected<Command, CommandLineEnd> parse_command_line(std::vector<std::string> arguments,
                                                          const Environment& environment);

}  // namespace tidings
