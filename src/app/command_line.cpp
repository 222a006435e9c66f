#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <sstream>

#include "app/nearest_word.h"
#include "app/version.h"

namespace tidings {
namespace {

// What a command asks of its data directory, as the help of --data says it.
constexpr const char* kServedData =
    "Data directory of the server. A running server does the work; if none runs, this command "
    "opens the store itself";
constexpr const char* kStoppedData = "Data directory. No server may be running on it";
constexpr const char* kNewData =
    "Data directory, made if it is missing. No server may be running on it";
constexpr const char* kEmptyData = "Data directory to make. It must not exist yet, or be empty";

std::string variable(const Environment& environment, const std::string& name,
                     const std::string& otherwise) {
  const auto found = environment.find(name);
  return found == environment.end() ? otherwise : found->second;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string with_newline(std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

constexpr std::size_t kNameColumns = 30;
constexpr std::size_t kPageColumns = 96;

// `text` broken into lines of at most `columns`, where it has spaces; its own line breaks stay.
std::string wrapped(const std::string& text, std::size_t columns) {
  std::string out;
  std::size_t line = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::size_t word = end - at;
    if (line > 0 && line + 1 + word > columns) {
      out += '\n';
      line = 0;
    }
    if (line > 0) {
      out += ' ';
      ++line;
    }
    out.append(text, at, word);
    line += word;
    at = end + 1;
    if (end < text.size() && text[end] == '\n') {
      out += '\n';
      line = 0;
      // What is indented was laid out by hand.
      while (at < text.size() && text[at] == ' ') out += text[at++];
    }
  }
  return out;
}

// Help that fits a terminal: long descriptions are wrapped, lists of commands show the first
// sentence.
class HelpPages : public CLI::Formatter {
 public:
  HelpPages() { column_width(kNameColumns); }
  // The kind of value alone; what it is by default stands in the description.
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return type.empty() ? "" : ' ' + type;
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += ". Default: " + option->get_default_str();
    return wrapped(text, kPageColumns - kNameColumns);
  }
  std::string make_subcommand(const CLI::App* command) const override {
    const std::string about = command->get_description();
    const std::size_t end = std::min(about.find(". "), about.find(".\n"));
    const std::string first = about.substr(0, end) + (end == std::string::npos ? "" : ".");
    std::ostringstream out;
    CLI::detail::format_help(out, command->get_display_name(true),
                             wrapped(first, kPageColumns - kNameColumns), kNameColumns);
    return out.str();
  }
  std::string make_description(const CLI::App* command) const override {
    return wrapped(command->get_description(), kPageColumns) + "\n\n";
  }
};

// What stands for a value in the help: "fsync|os", "MiB", "origins".
std::string value_name(const Setting& setting) {
  std::string name;
  for (const std::string_view choice : setting.choices) {
    if (!name.empty()) name += '|';
    name += choice;
  }
  return name.empty() ? std::string(setting.unit) : name;
}

// Builds the parser, and keeps what it reads until one command was chosen.
class Parser {
 public:
  explicit Parser(const Environment& environment) : environment_(environment) {
    app_.name("tidings");
    app_.formatter(std::make_shared<HelpPages>());
    app_.description(
        "Tidings carries text between people and services: everybody who should see a message "
        "gets\n"
        "it, in the order in which it was sent, whatever breaks on the way.");
    app_.set_version_flag("--version", std::string("tidings ") + kVersion);
    app_.require_subcommand(1);
    app_.footer(
        "A first conversation:\n"
        "  tidings serve                                 # leave it running\n"
        "  tidings client login alice --new              # in another terminal\n"
        "  tidings client send @alice 'Note to myself'\n"
        "  tidings client tail\n"
        "\n"
        "`tidings COMMAND --help` explains each command, with examples.\n"
        "\n"
        "Exit codes: 0 done; 1 failed, and the message says why; 2 wrong command line or\n"
        "configuration; 3 no server, no store, or the data directory is in use: try again later.");
    add_serve();
    add_workers();
    add_admin();
    add_client();
  }

  std::expected<Command, CommandLineEnd> parse(std::vector<std::string> arguments) {
    if (auto problem = unknown_command(arguments))
      return std::unexpected(CommandLineEnd{ExitCode::Usage, *problem});
    std::ranges::reverse(arguments);  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      std::ostringstream out;
      std::ostringstream problem;
      const bool is_help = app_.exit(error, out, problem) == 0;
      if (is_help) return std::unexpected(CommandLineEnd{ExitCode::Done, with_newline(out.str())});
      return std::unexpected(CommandLineEnd{ExitCode::Usage, "tidings: " + problem.str()});
    }
    return std::move(*chosen_);
  }

 private:
  // A name, with or without the @ that all answers show before it.
  static void add_name(CLI::App& command, std::string& into, const std::string& about) {
    command
        .add_option_function<std::string>(
            "name",
            [&into](const std::string& text) { into = text.substr(text.starts_with('@') ? 1 : 0); },
            about)
        ->required()
        ->type_name("NAME");
  }

  // What is wrong with the words that choose a command, which CLI11 does not say: it takes an
  // unknown one for a command that is missing, and answers --help after it with its parent's.
  std::optional<std::string> unknown_command(const std::vector<std::string>& arguments) const {
    const CLI::App* at = &app_;
    std::string path = "tidings";
    for (const std::string& word : arguments) {
      const auto below = at->get_subcommands(std::function<bool(const CLI::App*)>());
      if (below.empty() || word.starts_with('-')) return std::nullopt;
      const auto found = std::ranges::find(below, word, &CLI::App::get_name);
      if (found == below.end()) {
        std::vector<std::string_view> names;
        for (const CLI::App* command : below) names.push_back(command->get_name());
        const std::string_view nearest = nearest_word(word, names);
        std::string problem = "tidings: unknown command \"" + word + '"';
        if (!nearest.empty()) problem += "; did you mean \"" + std::string(nearest) + "\"?";
        return problem + "\nThe commands are listed by: " + path + " --help\n";
      }
      at = *found;
      path += ' ' + word;
    }
    return std::nullopt;
  }

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
        secrets_of(into.role) + "\nExamples:\n" + examples);
    add_sources(server, into.role, into.sources);
    server.add_flag("--print-config", into.print_config,
                    "Print the settings in force as a commented settings file, and exit");
    server.callback([this, &into] { chosen_ = into; });
  }

  // What is said of the settings that have no flag.
  static std::string secrets_of(ServerRole role) {
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

  void add_sources(CLI::App& command, ServerRole role, ConfigSources& sources) {
    sources.file = variable(environment_, "TIDINGS_CONFIG", "");
    sources.environment = environment_;
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

  // ---- admin ----

  void add_admin() {
    CLI::App& admin =
        *app_.add_subcommand("admin", "Look after a server: accounts, services, backups, checks.");
    admin.require_subcommand(1);
    admin.footer(
        "These commands work beside a running server, through the socket in its data directory\n"
        "that only its owner may use, and on the directory alone when no server runs.\n"
        "With --cluster they work on the stores of a cluster. `migrate` is for a cluster only;\n"
        "`backup`, `restore` and `check` are for data directories only, since Cassandra has its "
        "own\n"
        "means. `restore`, `export` and `import` need the server of the directory stopped.");
    add_accounts(admin);
    add_services(admin);
    add_admin_action(admin, "status",
                     "Say how the server does: version, uptime, store, load. Exit code 3 when none "
                     "runs, though there is a store.",
                     AdminStatus{}, "tidings admin status --data data");
    CLI::App& backup =
        data_leaf(admin, "backup",
                  "Copy the store as it is at this moment into a new directory, while the server "
                  "serves. Files that never change are linked, not copied, where both are on one "
                  "file system.",
                  "tidings admin backup /backup/2026-11-23 --data /var/lib/tidings");
    backup.add_option("directory", backup_.directory, "Must not exist yet")
        ->required()
        ->type_name("DIR");
    backup.callback([this] { choose(backup_); });
    CLI::App& restore = data_leaf(
        admin, "restore",
        "Make a data directory from a backup. The server must not run and the data directory "
        "must not hold a store. Clients notice by themselves that time went back, and pull what "
        "they need.",
        "tidings admin restore /backup/2026-11-23 --data /var/lib/tidings-restored", kEmptyData);
    restore.add_option("from", restore_.from, "What `admin backup` made")
        ->required()
        ->type_name("DIR");
    restore.callback([this] { choose(restore_); });
    add_move(admin);
    add_admin_action(admin, "rotate-keys",
                     "Sign access tokens with a new key from now on; it is done each 30 days by "
                     "itself. Tokens that are out stay good. After a key was stolen do it twice: "
                     "all tokens then end within 15 minutes, and clients refresh theirs by "
                     "themselves.",
                     AdminRotateKeys{}, "tidings admin rotate-keys --data /var/lib/tidings");
    data_leaf(admin, "check",
              "Read the whole store, verify checksums, records and digests, and name the groups "
              "that are touched by damage. Exit code 1 when there is any.",
              "tidings admin check --data /var/lib/tidings")
        .callback([this] { choose(AdminCheck{}); });
    add_migrate(admin);
  }

  void add_migrate(CLI::App& admin) {
    CLI::App& migrate = *admin.add_subcommand(
        "migrate",
        "Make the keyspace and the tables of a cluster, or bring them up to this version of the "
        "program. Repeating it does nothing. Do it before the workers of a new version start; "
        "those of the version before go on meanwhile.");
    migrate.footer(secrets_of(ServerRole::Migrate) +
                   "\nExamples:\n"
                   "  tidings admin migrate --cassandra 10.0.1.1:9042 --cassandra-datacenter dc1\n"
                   "  tidings admin migrate --replication-factor 1\n"
                   "      For a Cassandra of one node, on this machine.");
    add_sources(migrate, ServerRole::Migrate, migrate_.sources);
    migrate.callback([this] { chosen_ = migrate_; });
  }

  void add_move(CLI::App& admin) {
    CLI::App& to_archive =
        leaf(admin, "export",
             "Write everything of a chat into an archive, a directory of JSON lines that any other "
             "store can import. A server of a data directory must not run; the workers of a "
             "cluster may. What was broken off goes on where it was. "
             "Sessions do not move: people sign in again.",
             "tidings admin export /move/chat --data /var/lib/tidings", kStoppedData);
    to_archive
        .add_option("directory", chat_export_.directory, "Must not exist yet, or be unfinished")
        ->required()
        ->type_name("DIR");
    to_archive.callback([this] { choose(chat_export_); });
    CLI::App& from_archive = leaf(
        admin, "import",
        "Bring an archive into a store, with every id, and compare the two by their digests. It "
        "may be repeated: what was broken off goes on where it was, and a newer archive of the "
        "same chat adds what is new. Nothing may be running on the store meanwhile: no server, no "
        "workers. Exit code 1 when something differs.",
        "tidings admin import /move/chat --data /var/lib/tidings-new", kNewData);
    from_archive.add_option("directory", chat_import_.directory, "What `admin export` made")
        ->required()
        ->type_name("DIR");
    from_archive.callback([this] { choose(chat_import_); });
  }

  void add_accounts(CLI::App& admin) {
    CLI::App& account =
        *admin.add_subcommand("account", "People: create, list, disable, enable, admin.");
    account.require_subcommand(1);
    CLI::App& create =
        leaf(account, "create", "Make an account. Asks for its password.",
             "tidings admin account create alice\n"
             "  printf %s \"$PASSWORD\" | tidings admin account create bob --password-stdin");
    add_name(create, account_create_.name, "2 to 32 of a-z 0-9 _ . -, a letter first");
    create.add_option("--display-name", account_create_.display_name, "What people are shown")
        ->type_name("TEXT");
    create.add_flag("--password-stdin", account_create_.password_stdin,
                    "Read the password from the first line of standard input");
    create.callback([this] { choose(account_create_); });
    add_admin_action(account, "list", "List the accounts by name.", AccountList{},
                     "tidings admin account list --json");
    add_disable(account, "disable",
                "End all sessions of an account and refuse new ones. Its messages stay.",
                account_disable_);
    account_enable_.enable = true;
    add_disable(account, "enable", "Let a disabled account sign in again.", account_enable_);
    CLI::App& role =
        leaf(account, "admin",
             "Give an account the admin role, or take it away with --off. Admins see the page /ops "
             "and manage accounts and service keys there.",
             "tidings admin account admin alice\n  tidings admin account admin alice --off");
    add_name(role, account_admin_.name, "The account");
    role.add_flag("--off", account_admin_.off, "Take the role away");
    role.callback([this] { choose(account_admin_); });
  }

  void add_disable(CLI::App& account, const std::string& name, const std::string& about,
                   AccountDisable& into) {
    CLI::App& command = leaf(account, name, about, "tidings admin account " + name + " alice");
    add_name(command, into.name, "The account");
    command.callback([this, &into] { choose(into); });
  }

  void add_services(CLI::App& admin) {
    CLI::App& service = *admin.add_subcommand("service", "Services and their keys.");
    service.require_subcommand(1);
    CLI::App& create =
        leaf(service, "create",
             "Make a service account, or a further key for one, and print the key once: it is the "
             "bearer token of the service, and can't be shown again.",
             "tidings admin service create weather --rate 100/10\n"
             "  tidings admin service create importer --scope import");
    add_name(create, service_create_.name, "2 to 32 of a-z 0-9 _ . -, a letter first");
    create
        .add_option_function<std::string>(
            "--rate",
            [this](const std::string& text) {
              auto rate = parse_rate(text);
              if (!rate) throw CLI::ValidationError("--rate", rate.error().detail);
              if (rate->count == 0) throw CLI::ValidationError("--rate", "must allow at least 1");
              service_create_.rate = *rate;
            },
            "Messages it may send with this key. Default: the setting service-sends")
        ->type_name("N/SECONDS");
    create
        .add_option_function<std::string>(
            "--scope", [this](const std::string&) { service_create_.may_import = true; },
            "import: may store messages that were sent more than 30 days ago")
        ->check(CLI::IsMember({"import"}).description(""))
        ->type_name("SCOPE");
    create.callback([this] { choose(service_create_); });
    add_admin_action(service, "list", "List the services and their keys, without the secrets.",
                     ServiceList{}, "tidings admin service list");
    CLI::App& revoke =
        leaf(service, "revoke", "Revoke the keys of a service: they stop working within 5 s.",
             "tidings admin service revoke weather\n"
             "  tidings admin service revoke weather --key "
             "0b6ac1f4-6f0e-4f6e-9b5c-2d9a6c0d7e11");
    add_name(revoke, service_revoke_.name, "The service");
    revoke.add_option("--key", service_revoke_.key, "Only this key; `service list` shows them")
        ->type_name("ID");
    revoke.callback([this] { choose(service_revoke_); });
  }

  template <class What>
  void add_admin_action(CLI::App& parent, const std::string& name, const std::string& about,
                        What what, const std::string& example) {
    leaf(parent, name, about, example).callback([this, what] { choose(what); });
  }

  // A command on a data directory or on a cluster.
  CLI::App& leaf(CLI::App& parent, const std::string& name, const std::string& about,
                 const std::string& examples, const char* data_help = kServedData) {
    CLI::App& command = data_leaf(parent, name, about, examples, data_help);
    command
        .add_option_function<std::string>(
            "--cluster",
            [this](const std::string& file) {
              admin_.cluster = ConfigSources{file, environment_, {}};
            },
            "The settings file of a cluster's workers: do it on the cluster's stores instead")
        ->type_name("FILE")
        ->excludes("--data");
    return command;
  }

  // A command on a data directory.
  CLI::App& data_leaf(CLI::App& parent, const std::string& name, const std::string& about,
                      const std::string& examples, const char* data_help = kServedData) {
    CLI::App& command = *parent.add_subcommand(name, about);
    command.footer("Examples:\n  " + examples);
    command.add_option("--data", admin_.data, data_help)->type_name("DIR")->capture_default_str();
    command.add_flag("--json", admin_.json, "Print the answer as JSON, for programs");
    return command;
  }

  template <class What>
  void choose(const What& what) {
    admin_.what = what;
    chosen_ = admin_;
  }

  // ---- client ----

  void add_client() {
    CLI::App& client = *app_.add_subcommand(
        "client", "Write and read messages from a terminal, through the public API.");
    client.require_subcommand(1);
    client.footer(
        "Sign in once; the tokens are kept in a file that only you can read, and renewed by\n"
        "themselves, until you sign out. A service sets its key in the variable TIDINGS_KEY "
        "instead.\n"
        "\n"
        "Examples:\n"
        "  tidings client login alice --new\n"
        "  tidings client send @bob 'See you at six?'\n"
        "  tidings client tail");
    client_.server = variable(environment_, "TIDINGS_SERVER", "");
    client_.state = variable(environment_, "TIDINGS_CLIENT_STATE", "");
    client_.key = variable(environment_, "TIDINGS_KEY", "");
    add_login(client);
    client_leaf(
        client, "logout",
        "Sign out: end this session on the server, and forget its tokens. Other devices stay "
        "signed in.",
        "tidings client logout")
        .callback([this] { choose_client(ClientLogout{}); });
    add_send(client);
    add_tail(client);
    CLI::App& status =
        client_leaf(client, "status", "List your groups: unread messages, mentions, the last one.",
                    "tidings client status");
    status.callback([this] { choose_client(ClientStatus{}); });
    add_history(client);
    add_import(client);
  }

  void add_login(CLI::App& client) {
    CLI::App& login = client_leaf(client, "login", "Sign in. Asks for the password.",
                                  "tidings client login alice\n"
                                  "  tidings client login alice --new --server "
                                  "https://chat.example\n"
                                  "  printf %s \"$PASSWORD\" | tidings client login alice "
                                  "--password-stdin");
    add_name(login, login_.name, "Your name");
    login.add_flag("--new", login_.is_new, "Make the account, if the name is free");
    login.add_option("--device", login_.device, "What this session is called in your list")
        ->type_name("TEXT");
    login.add_flag("--password-stdin", login_.password_stdin,
                   "Read the password from the first line of standard input");
    login.callback([this] { choose_client(login_); });
  }

  void add_send(CLI::App& client) {
    CLI::App& send = client_leaf(
        client, "send",
        "Send a text. Its id is made before the first attempt, so it is stored once however often "
        "the attempt is repeated. Tries again until --timeout; if it is unknown then whether the "
        "server has it, says the id, with which the same command may be repeated.",
        "tidings client send @bob 'See you at six?'\n"
        "  tidings client send @bob,@carol 'Both of you, each in private'\n"
        "  uptime | tidings client send 018f4c1e-… -\n"
        "  tidings client send @bob 'See you at six?' --id 019a2b7c-…\n"
        "      Once more, and stored once.");
    send.add_option_function<std::string>(
            "to", [this](const std::string& text) { send_.to = split(text); },
            "@name or the id of a group; several separated by commas")
        ->required()
        ->type_name("TO");
    send.add_option("text", send_.text, "What to say; - reads standard input")
        ->required()
        ->type_name("TEXT");
    send.add_option("--timeout", send_.timeout_s, "How long to try, in seconds")
        ->type_name("SECONDS")
        ->capture_default_str();
    send.add_option_function<std::string>(
            "--id",
            [this](const std::string& text) {
              send_.id = MessageId::parse(text);
              if (!send_.id) throw CLI::ValidationError("--id", "must be a UUIDv7");
            },
            "Repeat the attempt that named this id; or an id of your own for a first one, a UUIDv7")
        ->type_name("ID");
    send.callback([this] { choose_client(send_); });
  }

  void add_tail(CLI::App& client) {
    CLI::App& tail = client_leaf(
        client, "tail",
        "Print the newest messages, then whatever comes, as it comes. Messages that arrive late "
        "are marked. Goes on after the server was away, and says when it has proven that nothing "
        "is missing.",
        "tidings client tail\n"
        "  tidings client tail 018f4c1e-… --last 100");
    tail.add_option("group", tail_.group, "One group, or @name for a direct one. Default: all")
        ->type_name("GROUP");
    tail.add_option("--last", tail_.last, "Messages of each group to begin with, 1 to 200")
        ->type_name("N")
        ->check(CLI::Range(1, 200).description(""))
        ->capture_default_str();
    tail.add_option("--for", tail_.for_s, "Stop after this many seconds. Default: on Ctrl-C")
        ->type_name("SECONDS");
    tail.callback([this] { choose_client(tail_); });
  }

  void add_history(CLI::App& client) {
    CLI::App& history = client_leaf(client, "history",
                                    "Print the messages of a group in the order in which they were "
                                    "sent.",
                                    "tidings client history @bob\n"
                                    "  tidings client history 018f4c1e-… --limit 500");
    history.add_option("group", history_.group, "The id of a group, or @name for a direct one")
        ->required()
        ->type_name("GROUP");
    history.add_option("--limit", history_.limit, "How many, the newest ones; at most 1000000")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->capture_default_str();
    history.add_option("--before", history_.before, "Only those sent before this message")
        ->type_name("ID");
    history.callback([this] { choose_client(history_); });
  }

  void add_import(CLI::App& client) {
    CLI::App& import = client_leaf(
        client, "import",
        "Store old messages, one JSON object a line.\n"
        "  {\"to\": \"018f4c1e-…\", \"sent_at\": \"2019-05-01T09:30:00Z\", \"text\": \"Hello\"}\n"
        "Ids are derived from the lines, so that a repeat is harmless. What is older than 30 days "
        "needs a service key with the scope import, in the variable TIDINGS_KEY.",
        "tidings client import old.jsonl --to 018f4c1e-…");
    import.add_option("file", import_.file, "JSON lines; - reads standard input")
        ->required()
        ->type_name("FILE");
    import.add_option("--to", import_.to, "Where lines without \"to\" go")->type_name("TO");
    import.callback([this] { choose_client(import_); });
  }

  CLI::App& client_leaf(CLI::App& client, const std::string& name, const std::string& about,
                        const std::string& examples) {
    CLI::App& command = *client.add_subcommand(name, about);
    command.footer("Examples:\n  " + examples);
    command
        .add_option("--server", client_.server,
                    "Where the server is; also the variable TIDINGS_SERVER. Default: where you "
                    "signed in, else http://127.0.0.1:7400")
        ->type_name("URL");
    command
        .add_option("--state", client_.state,
                    "File that keeps your tokens; also the variable TIDINGS_CLIENT_STATE. "
                    "Default: ~/.local/state/tidings/session.json")
        ->type_name("FILE");
    command
        .add_option("--ca", client_.ca,
                    "Certificates (PEM) to trust instead of the system's authorities")
        ->type_name("FILE");
    return command;
  }

  template <class What>
  void choose_client(const What& what) {
    client_.what = what;
    chosen_ = client_;
  }

  CLI::App app_;
  const Environment& environment_;
  std::optional<Command> chosen_;

  ServeCommand serve_;
  ServeCommand api_{.role = ServerRole::Api, .sources = {}};
  ServeCommand notify_{.role = ServerRole::Notify, .sources = {}};
  MigrateCommand migrate_;
  AdminCommand admin_{.data = "data", .cluster = {}, .json = false, .what = AdminStatus{}};
  AccountCreate account_create_;
  AccountDisable account_disable_;
  AccountDisable account_enable_;
  AccountAdmin account_admin_;
  ServiceCreate service_create_;
  ServiceRevoke service_revoke_;
  AdminBackup backup_;
  AdminRestore restore_;
  AdminExport chat_export_;
  AdminImport chat_import_;
  ClientCommand client_;
  ClientLogin login_;
  ClientSend send_;
  ClientTail tail_;
  ClientHistory history_;
  ClientImport import_;
};

}  // namespace

std::expected<Command, CommandLineEnd> parse_command_line(std::vector<std::string> arguments,
                                                          const Environment& environment) {
  Parser parser(environment);
  return parser.parse(std::move(arguments));
}

}  // namespace tidings
