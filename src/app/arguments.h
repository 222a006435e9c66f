#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/command_line.h"

namespace CLI {
class App;
}

namespace tidings {

// What the commands of one kind read while the arguments are parsed: alive until that is done.
class Arguments {
 public:
  virtual ~Arguments() = default;

 protected:
  Arguments(CLI::App& app, const Environment& environment, std::optional<Command>& chosen)
      : app_(app), environment_(environment), chosen_(chosen) {}

  CLI::App& app_;
  const Environment& environment_;
  std::optional<Command>& chosen_;
};

// Each adds its commands to `app`, with their help. When one of them is parsed, what it asks for is
// put into `chosen`. All that is passed outlives what is returned.
//
// `serve`, `api` and `notify`: the settings as flags.
std::unique_ptr<Arguments> add_serve_arguments(CLI::App& app, const Environment& environment,
                                               std::optional<Command>& chosen);
// `admin …`
std::unique_ptr<Arguments> add_admin_arguments(CLI::App& app, const Environment& environment,
                                               std::optional<Command>& chosen);
// `client …`
std::unique_ptr<Arguments> add_client_arguments(CLI::App& app, const Environment& environment,
                                                std::optional<Command>& chosen);

// A name, with or without the @ that all answers show before it.
void add_name(CLI::App& command, std::string& into, const std::string& about);

// The variable of that name, else `otherwise`.
std::string variable(const Environment& environment, const std::string& name,
                     const std::string& otherwise);

}  // namespace tidings
