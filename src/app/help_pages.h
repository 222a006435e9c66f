#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tidings {

// Help that fits a terminal: long descriptions are wrapped, lists of commands show the first
// sentence.
class HelpPages : public CLI::Formatter {
 public:
  HelpPages();
  // The kind of value alone; what it is by default stands in the description.
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_description(const CLI::App* command) const override;
};

}  // namespace tidings
