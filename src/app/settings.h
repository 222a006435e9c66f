#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tidings {

// How often something may happen: `count` times at once, refilled evenly over `seconds`. Written
// "10/10"; "0" where a limit may be switched off.
struct Rate {
  std::uint32_t count = 0;
  std::uint32_t seconds = 1;
  bool operator==(const Rate&) const = default;
};

// Errors: InvalidRequest   not "COUNT/SECONDS", or out of range
Result<Rate> parse_rate(std::string_view text);
std::string format_rate(Rate rate);

// The commands that take settings: the whole server, the two kinds of worker of a cluster, and what
// prepares a cluster's store.
enum class ServerRole : std::uint8_t { Serve = 1, Api = 2, Notify = 4, Migrate = 8 };
std::string_view name_of(ServerRole role);  // "serve", "api", "notify", "admin migrate"

// Some of them, as bits.
using ServerRoles = std::uint8_t;

// Everything that a server can be told, with its defaults. `setting_table` says what each one
// means.
struct Settings {
  std::string data = "data";
  std::string listen = "127.0.0.1:7400";
  std::string admin_listen = "127.0.0.1:7401";
  std::string tls_cert;
  std::string tls_key;
  std::vector<std::string> allowed_origins;
  std::string web;
  std::uint32_t threads = 0;

  std::string internal_listen = "127.0.0.1:7402";
  std::string internal_address;
  std::string internal_secret;

  std::string durability = "fsync";
  std::uint32_t block_cache_mib = 256;
  std::uint32_t write_buffer_mib = 64;

  std::vector<std::string> cassandra{"127.0.0.1:9042"};
  std::string cassandra_datacenter = "datacenter1";
  std::string cassandra_rack;
  std::string cassandra_keyspace = "tidings";
  std::uint32_t replication_factor = 3;
  std::string cassandra_user;
  std::string cassandra_password;
  std::vector<std::string> redis{"127.0.0.1:6379"};
  std::string redis_cluster = "off";
  std::string redis_password;

  std::string registration = "open";
  std::string demo = "off";
  std::uint32_t connections_max = 100'000;
  std::vector<std::string> trusted_proxies;
  Rate per_ip_rate{2'000, 10};
  Rate person_sends{10, 10};
  Rate person_reads{300, 10};
  Rate person_writes{60, 10};
  Rate service_sends{1'000, 10};
  Rate service_reads{30'000, 10};
  Rate service_writes{60, 10};

  std::uint32_t argon2_memory_mib = 19;
  std::uint32_t argon2_passes = 2;
  std::uint32_t argon2_threads = 2;

  std::string log_level = "info";
  std::uint32_t slow_request_ms = 1'000;
  std::uint32_t stop_timeout_s = 10;
  std::uint32_t drain_wait_s = 4;

  bool operator==(const Settings&) const = default;
};

// What the text of a setting, or each text of a list, must look like.
enum class SettingForm : std::uint8_t {
  Any,
  Listener,  // HOST:PORT, with 0 for a free port
  Server,    // HOST:PORT
  Name,      // of a keyspace: of a-z 0-9 _, a letter first
  Origin,    // https://chat.example
  Network,   // 10.0.0.7 or 10.0.0.0/8
};

// One setting and everything that is said about it, once for the file, the environment, the flags,
// `--print-config`, `--help` and docs/operations.md.
struct Setting {
  using Field = std::variant<std::string Settings::*, std::uint32_t Settings::*, Rate Settings::*,
                             std::vector<std::string> Settings::*>;

  std::string_view section;
  std::string_view key;  // in the file; "--" + key is the flag, variable_of(key) the variable
  Field field;
  std::string_view unit;                       // of the value, in words; never empty
  std::string_view meaning;                    // whole sentences
  std::vector<std::string_view> choices = {};  // of a text; empty: anything
  std::uint32_t min = 0;
  std::uint32_t max = UINT32_MAX;
  SettingForm form = SettingForm::Any;
  ServerRoles roles = 0;  // who reads it; others leave it alone
  // Never printed, and no flag: arguments are seen by everybody on the machine.
  bool is_secret = false;

  bool is_of(ServerRole role) const { return (roles & static_cast<ServerRoles>(role)) != 0; }
};

// In the order in which they are shown.
std::span<const Setting> setting_table();
const Setting* find_setting(std::string_view key);
// The known key that looks most like `key`; empty when none does.
std::string_view nearest_setting(std::string_view key);

// "TIDINGS_TLS_CERT" for "tls-cert".
std::string variable_of(std::string_view key);

// Sets one setting from its text: as a flag or a variable gives it (lists separated by commas).
//
// Errors: InvalidRequest   the detail says what is wrong with the value and what is allowed
Result<void> set_from_text(Settings& settings, const Setting& setting, std::string_view value);
// The same for a value that is already a number or a list.
Result<void> set_from_number(Settings& settings, const Setting& setting, std::int64_t value);
Result<void> set_from_list(Settings& settings, const Setting& setting,
                           std::vector<std::string> values);

// What no single setting can know: that both halves of TLS are there, and all that `role` needs.
// Errors: InvalidRequest
Result<void> check(const Settings& settings, ServerRole role = ServerRole::Serve);

// The value as TOML: `"127.0.0.1:7400"`, `64`, `["https://chat.example"]`.
std::string toml_value(const Settings& settings, const Setting& setting);

// A whole TOML file of what `role` reads, with a comment at each setting. Reading it gives the same
// settings, but for secrets: of those it says only whether they are set.
std::string to_toml(const Settings& settings, ServerRole role = ServerRole::Serve);
// The tables of docs/operations.md.
std::string settings_as_markdown();

}  // namespace tidings
