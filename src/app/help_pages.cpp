#include "app/help_pages.h"

#include <algorithm>
#include <sstream>

namespace tidings {
namespace {

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

}  // namespace

HelpPages::HelpPages() { column_width(kNameColumns); }

std::string HelpPages::make_option_opts(const CLI::Option* option) const {
  const std::string type = option->get_type_name();
  return type.empty() ? "" : ' ' + type;
}

std::string HelpPages::make_option_desc(const CLI::Option* option) const {
  std::string text = option->get_description();
  if (!option->get_default_str().empty()) text += ". Default: " + option->get_default_str();
  return wrapped(text, kPageColumns - kNameColumns);
}

std::string HelpPages::make_subcommand(const CLI::App* command) const {
  const std::string about = command->get_description();
  const std::size_t end = std::min(about.find(". "), about.find(".\n"));
  const std::string first = about.substr(0, end) + (end == std::string::npos ? "" : ".");
  std::ostringstream out;
  CLI::detail::format_help(out, command->get_display_name(true),
                           wrapped(first, kPageColumns - kNameColumns), kNameColumns);
  return out.str();
}

std::string HelpPages::make_description(const CLI::App* command) const {
  return wrapped(command->get_description(), kPageColumns) + "\n\n";
}

}  // namespace tidings
