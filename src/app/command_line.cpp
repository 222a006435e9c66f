#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>

#include "app/arguments.h"
#include "app/help_pages.h"
#include "app/nearest_word.h"
#include "app/version.h"

namespace tidings {
namespace {

std::string with_newline(std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

// Builds the parser, and keeps what it reads until one command was chosen.
class Parser {
 public:
  explicit Parser(const Environment& environment) {
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
    parts_.push_back(add_serve_arguments(app_, environment, chosen_));
    parts_.push_back(add_admin_arguments(app_, environment, chosen_));
    parts_.push_back(add_client_arguments(app_, environment, chosen_));
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
        names.reserve(below.size());
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

  CLI::App app_;
  std::optional<Command> chosen_;
  std::vector<std::unique_ptr<Arguments>> parts_;
};

}  // namespace

std::expected<Command, CommandLineEnd> parse_command_line(std::vector<std::string> arguments,
                                                          const Environment& environment) {
  Parser parser(environment);
  return parser.parse(std::move(arguments));
}

}  // namespace tidings
