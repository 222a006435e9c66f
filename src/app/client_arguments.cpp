#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "app/arguments.h"

namespace tidings {
namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

// `client`, with the commands below it.
class ClientArguments final : public Arguments {
 public:
  ClientArguments(CLI::App& app, const Environment& environment, std::optional<Command>& chosen)
      : Arguments(app, environment, chosen) {
    add_client();
  }

 private:
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
    leaf(client, "logout",
         "Sign out: end this session on the server, and forget its tokens. Other devices stay "
         "signed in.",
         "tidings client logout")
        .callback([this] { choose(ClientLogout{}); });
    add_send(client);
    add_tail(client);
    CLI::App& status =
        leaf(client, "status", "List your groups: unread messages, mentions, the last one.",
             "tidings client status");
    status.callback([this] { choose(ClientStatus{}); });
    add_history(client);
    add_import(client);
  }

  void add_login(CLI::App& client) {
    CLI::App& login = leaf(client, "login", "Sign in. Asks for the password.",
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
    login.callback([this] { choose(login_); });
  }

  void add_send(CLI::App& client) {
    CLI::App& send = leaf(
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
    send.callback([this] { choose(send_); });
  }

  void add_tail(CLI::App& client) {
    CLI::App& tail = leaf(
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
    tail.callback([this] { choose(tail_); });
  }

  void add_history(CLI::App& client) {
    CLI::App& history = leaf(client, "history",
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
    history.callback([this] { choose(history_); });
  }

  void add_import(CLI::App& client) {
    CLI::App& import = leaf(
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
    import.callback([this] { choose(import_); });
  }

  CLI::App& leaf(CLI::App& client, const std::string& name, const std::string& about,
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
  void choose(const What& what) {
    client_.what = what;
    chosen_ = client_;
  }

  ClientCommand client_;
  ClientLogin login_;
  ClientSend send_;
  ClientTail tail_;
  ClientHistory history_;
  ClientImport import_;
};

}  // namespace

std::unique_ptr<Arguments> add_client_arguments(CLI::App& app, const Environment& environment,
                                                std::optional<Command>& chosen) {
  return std::make_unique<ClientArguments>(app, environment, chosen);
}

}  // namespace tidings
