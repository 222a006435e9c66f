#include "app/config.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

namespace tidings {
namespace {

// Variables of ours that are not settings of `serve`.
constexpr std::string_view kOtherVariables[] = {"TIDINGS_CONFIG", "TIDINGS_SERVER",
                                                "TIDINGS_CLIENT_STATE", "TIDINGS_KEY"};

std::unexpected<Error> at(std::string_view file, const toml::source_region& where,
                          const std::string& what) {
  return fail(ErrorCode::InvalidRequest,
              std::string(file) + ':' + std::to_string(where.begin.line) + ": " + what);
}

// The whole file; nothing when it can't be read. A directory opens like a file and fails only when
// it is read, and so does a file on a broken disk.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return std::nullopt;
  std::string text;
  std::array<char, 4096> part;
  while (stream.read(part.data(), part.size()) || stream.gcount() > 0)
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  return stream.bad() ? std::nullopt : std::optional(std::move(text));
}

// How a value of that setting is written in a file.
std::string form_of(const Setting& setting) {
  if (std::holds_alternative<std::uint32_t Settings::*>(setting.field)) return "a whole number";
  if (std::holds_alternative<Rate Settings::*>(setting.field))
    return "COUNT/SECONDS in quotes, such as \"10/10\"";
  if (std::holds_alternative<std::vector<std::string> Settings::*>(setting.field))
    return "a list of texts in quotes";
  if (setting.choices.empty()) return "a text in quotes";
  std::string choices;
  for (const std::string_view choice : setting.choices)
    choices += (choices.empty() ? "\"" : " or \"") + std::string(choice) + '"';
  return choices;
}

Result<void> apply_node(Settings& settings, const Setting& setting, const toml::node& node) {
  if (const auto* text = node.as_string()) return set_from_text(settings, setting, text->get());
  if (const auto* number = node.as_integer())
    return set_from_number(settings, setting, number->get());
  if (const auto* array = node.as_array()) {
    std::vector<std::string> values;
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr)
        return fail(ErrorCode::InvalidRequest, "must be a list of texts in quotes");
      values.push_back(text->get());
    }
    return set_from_list(settings, setting, std::move(values));
  }
  return fail(ErrorCode::InvalidRequest, "must be " + form_of(setting));
}

// A number that stands in quotes is a mistake in a file, though not in a variable.
bool is_quoted_number(const Setting& setting, const toml::node& node) {
  return node.is_string() && std::holds_alternative<std::uint32_t Settings::*>(setting.field);
}

Result<void> apply_flags(Settings& settings, const ConfigSources& sources) {
  for (const auto& [key, value] : sources.flags) {
    const Setting* const setting = find_setting(key);
    if (setting == nullptr)
      return fail(ErrorCode::InvalidRequest, "--" + key + ": there is no such flag");
    if (auto set = set_from_text(settings, *setting, value); !set)
      return fail(ErrorCode::InvalidRequest, "--" + key + ": " + set.error().detail);
  }
  return {};
}

Result<void> apply_environment(Config& config, const Environment& environment) {
  for (const auto& [name, value] : environment) {
    const Setting* found = nullptr;
    for (const Setting& setting : setting_table()) {
      if (variable_of(setting.key) == name) found = &setting;
    }
    if (found == nullptr) {
      if (std::ranges::find(kOtherVariables, name) == std::end(kOtherVariables))
        config.warnings.push_back("the variable " + name + " is no setting and was ignored");
      continue;
    }
    if (auto set = set_from_text(config.settings, *found, value); !set)
      return fail(ErrorCode::InvalidRequest, name + " (a variable): " + set.error().detail);
  }
  return {};
}

}  // namespace

Environment read_environment() {
  Environment found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (!text.starts_with("TIDINGS_") || equals == std::string_view::npos) continue;
    found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

Result<void> apply_toml(Settings& settings, std::string_view toml, std::string_view file) {
  toml::table table;
  try {
    table = toml::parse(toml, file);
  } catch (const toml::parse_error& error) {
    return at(file, error.source(), "not TOML: " + std::string(error.description()));
  }
  for (const auto& [key, node] : table) {
    const Setting* const setting = find_setting(key.str());
    if (setting == nullptr) {
      const std::string_view nearest = nearest_setting(key.str());
      std::string what = "unknown key \"" + std::string(key.str()) + '"';
      if (!nearest.empty()) what += "; did you mean \"" + std::string(nearest) + "\"?";
      return at(file, key.source(), what);
    }
    Result<void> set = is_quoted_number(*setting, node)
                           ? fail(ErrorCode::InvalidRequest, "must be a number without quotes")
                           : apply_node(settings, *setting, node);
    if (!set) return at(file, node.source(), std::string(key.str()) + ": " + set.error().detail);
  }
  return {};
}

Result<Config> load_config(const ConfigSources& sources, ServerRole role) {
  Config config;
  if (!sources.file.empty()) {
    const auto text = read_file(sources.file);
    if (!text)
      return fail(ErrorCode::InvalidRequest, sources.file + ": this settings file can't be read");
    if (auto applied = apply_toml(config.settings, *text, sources.file); !applied)
      return forward(std::move(applied));
  }
  if (auto applied = apply_environment(config, sources.environment); !applied)
    return forward(std::move(applied));
  if (auto applied = apply_flags(config.settings, sources); !applied)
    return forward(std::move(applied));
  if (auto checked = check(config.settings, role); !checked) return forward(std::move(checked));
  return config;
}

}  // namespace tidings
