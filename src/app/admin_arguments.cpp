#include <CLI/CLI.hpp>
#include <string>

#include "app/arguments.h"
#include "app/setting_flags.h"

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

// `admin`, with the commands below it.
class AdminArguments final : public Arguments {
 public:
  AdminArguments(CLI::App& app, const Environment& environment, std::optional<Command>& chosen)
      : Arguments(app, environment, chosen) {
    add_admin();
  }

 private:
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
                  "serves. Each file is compared with its checksum on the way. The copy takes as "
                  "much space as the store and holds the same, the hashes of passwords too.",
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
    migrate.footer(help_of_secrets(ServerRole::Migrate) +
                   "\nExamples:\n"
                   "  tidings admin migrate --cassandra 10.0.1.1:9042 --cassandra-datacenter dc1\n"
                   "  tidings admin migrate --replication-factor 1\n"
                   "      For a Cassandra of one node, on this machine.");
    add_setting_flags(migrate, ServerRole::Migrate, environment_, migrate_.sources);
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
};

}  // namespace

std::unique_ptr<Arguments> add_admin_arguments(CLI::App& app, const Environment& environment,
                                               std::optional<Command>& chosen) {
  return std::make_unique<AdminArguments>(app, environment, chosen);
}

}  // namespace tidings
