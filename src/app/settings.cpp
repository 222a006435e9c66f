#include "app/settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "app/address.h"
#include "app/client_address.h"
#include "app/nearest_word.h"

namespace tidings {
namespace {

constexpr std::uint32_t kRateCountMax = 1'000'000;
constexpr std::uint32_t kRateSecondsMax = 3'600;
constexpr std::size_t kCommentColumns = 96;

constexpr ServerRoles bit(ServerRole role) { return static_cast<ServerRoles>(role); }
constexpr ServerRoles kServe = bit(ServerRole::Serve);
constexpr ServerRoles kApi = bit(ServerRole::Api);
constexpr ServerRoles kNotify = bit(ServerRole::Notify);
constexpr ServerRoles kMigrate = bit(ServerRole::Migrate);
constexpr ServerRoles kServers = kServe | kApi | kNotify;
constexpr ServerRoles kCluster = kApi | kNotify;

// In bytes: what 128 random bits take in hexadecimal.
constexpr std::size_t kInternalSecretBytesMin = 32;

std::vector<Setting> make_table() {
  constexpr std::string_view kWhere = "Where it listens and what it keeps";
  constexpr std::string_view kStore = "Storage";
  constexpr std::string_view kCassandra = "Cassandra";
  constexpr std::string_view kRedis = "Redis";
  constexpr std::string_view kBetween = "Between notification workers";
  constexpr std::string_view kLimits = "Who may come, and how often";
  constexpr std::string_view kPasswords = "Passwords";
  constexpr std::string_view kRunning = "Running";
  using S = Settings;
  return {
      {.section = kWhere,
       .key = "data",
       .field = &S::data,
       .unit = "directory",
       .meaning = "Where everything is kept: the store, the signing keys and the admin socket. "
                  "Made if it is "
                  "missing. One process at a time.",
       .roles = kServe},
      {.section = kWhere,
       .key = "listen",
       .field = &S::listen,
       .unit = "HOST:PORT",
       .meaning = "Where the API and the WebSockets (of `api` and `notify`: one of them) are "
                  "served. Port 0 takes a free one.",
       .form = SettingForm::Listener,
       .roles = kServers},
      {.section = kWhere,
       .key = "admin-listen",
       .field = &S::admin_listen,
       .unit = "HOST:PORT",
       .meaning = "Where /healthz, /readyz and /metrics are served, without a password: keep it "
                  "away from strangers.",
       .form = SettingForm::Listener,
       .roles = kServers},
      {.section = kWhere,
       .key = "tls-cert",
       .field = &S::tls_cert,
       .unit = "file",
       .meaning = "The certificate chain (PEM) that `listen` speaks TLS with. Empty: no TLS.",
       .roles = kServers},
      {.section = kWhere,
       .key = "tls-key",
       .field = &S::tls_key,
       .unit = "file",
       .meaning = "The private key (PEM) of tls-cert.",
       .roles = kServers},
      {.section = kWhere,
       .key = "allowed-origins",
       .field = &S::allowed_origins,
       .unit = "list of origins",
       .meaning = "Web sites whose pages may open WebSockets, such as \"https://chat.example\", "
                  "beside those "
                  "served from this very address. Programs that are not browsers need no entry.",
       .form = SettingForm::Origin,
       .roles = kServe | kNotify},
      {.section = kWhere,
       .key = "web",
       .field = &S::web,
       .unit = "directory",
       .meaning = "The built web app, served at / and read once at the start: build/web after "
                  "`make build`. Empty: only the API.",
       .roles = kServe | kApi},
      {.section = kWhere,
       .key = "threads",
       .field = &S::threads,
       .unit = "threads",
       .meaning = "Threads that answer requests. 0: one a core.",
       .max = 256,
       .roles = kServers},

      {.section = kStore,
       .key = "durability",
       .field = &S::durability,
       .unit = "fsync or os",
       .meaning = "When a send is answered. fsync: when the disk has it, so a power cut loses "
                  "nothing. os: when the operating system has it, so a crash of tidings loses "
                  "nothing, but a power cut may lose the last seconds.",
       .choices = {"fsync", "os"},
       .roles = kServe},
      {.section = kStore,
       .key = "block-cache-mib",
       .field = &S::block_cache_mib,
       .unit = "MiB",
       .meaning = "Memory for parts of the store that were read lately.",
       .min = 8,
       .max = 1'048'576,
       .roles = kServe},
      {.section = kStore,
       .key = "write-buffer-mib",
       .field = &S::write_buffer_mib,
       .unit = "MiB",
       .meaning = "Memory for what was written lately and is not in a table file yet. More makes "
                  "fewer, larger files and a longer start after a crash.",
       .min = 4,
       .max = 65'536,
       .roles = kServe},

      {.section = kCassandra,
       .key = "cassandra",
       .field = &S::cassandra,
       .unit = "list of HOST:PORT",
       .meaning = "Some nodes of the Cassandra cluster that keeps everything; the others are "
                  "learned from them. Two or three, so that one may be away at the start.",
       .form = SettingForm::Server,
       .roles = kCluster | kMigrate},
      {.section = kCassandra,
       .key = "cassandra-datacenter",
       .field = &S::cassandra_datacenter,
       .unit = "name",
       .meaning = "The data centre of these nodes, as `nodetool status` names it. Reads and writes "
                  "stay in it.",
       .roles = kCluster | kMigrate},
      {.section = kCassandra,
       .key = "cassandra-rack",
       .field = &S::cassandra_rack,
       .unit = "name",
       .meaning = "The rack (the zone) in which this worker is: its nodes are asked first. Empty: "
                  "all alike.",
       .roles = kCluster},
      {.section = kCassandra,
       .key = "cassandra-keyspace",
       .field = &S::cassandra_keyspace,
       .unit = "name",
       .meaning = "The keyspace of all tables. `tidings admin migrate` makes it.",
       .form = SettingForm::Name,
       .roles = kCluster | kMigrate},
      {.section = kCassandra,
       .key = "replication-factor",
       .field = &S::replication_factor,
       .unit = "copies",
       .meaning =
           "How many nodes keep each row, said when the keyspace is made. 3: one of them may "
           "be gone, and nothing is refused. 1: for a cluster of one node.",
       .min = 1,
       .max = 9,
       .roles = kMigrate},
      {.section = kCassandra,
       .key = "cassandra-user",
       .field = &S::cassandra_user,
       .unit = "name",
       .meaning = "Who the workers are to Cassandra. Empty: it asks for no name.",
       .roles = kCluster | kMigrate},
      {.section = kCassandra,
       .key = "cassandra-password",
       .field = &S::cassandra_password,
       .unit = "secret",
       .meaning = "The password of cassandra-user.",
       .roles = kCluster | kMigrate,
       .is_secret = true},

      {.section = kRedis,
       .key = "redis",
       .field = &S::redis,
       .unit = "list of HOST:PORT",
       .meaning = "The Redis that holds token buckets, the queue of changed groups and who is "
                  "connected where: nothing that can't be lost. Of a Redis cluster, some of its "
                  "nodes.",
       .form = SettingForm::Server,
       .roles = kCluster},
      {.section = kRedis,
       .key = "redis-cluster",
       .field = &S::redis_cluster,
       .unit = "on or off",
       .meaning = "on: these are nodes of a Redis cluster.",
       .choices = {"on", "off"},
       .roles = kCluster},
      {.section = kRedis,
       .key = "redis-password",
       .field = &S::redis_password,
       .unit = "secret",
       .meaning = "What Redis wants to hear first (`requirepass`). Empty: nothing.",
       .roles = kCluster,
       .is_secret = true},

      {.section = kBetween,
       .key = "internal-listen",
       .field = &S::internal_listen,
       .unit = "HOST:PORT",
       .meaning = "Where other notification workers say which people are to be told of a change. "
                  "Not for clients: keep it inside.",
       .form = SettingForm::Server,
       .roles = kNotify},
      {.section = kBetween,
       .key = "internal-address",
       .field = &S::internal_address,
       .unit = "HOST:PORT",
       .meaning = "How the other notification workers reach internal-listen. Empty: by that "
                  "address itself. Needed where that is 0.0.0.0 or [::].",
       .form = SettingForm::Server,
       .roles = kNotify},
      {.section = kBetween,
       .key = "internal-secret",
       .field = &S::internal_secret,
       .unit = "secret",
       .meaning = "What all notification workers know and nobody else does: at least 32 "
                  "characters, such as `openssl rand -hex 32` makes.",
       .roles = kNotify,
       .is_secret = true},

      {.section = kLimits,
       .key = "registration",
       .field = &S::registration,
       .unit = "open or closed",
       .meaning = "open: anybody who reaches the API may make an account. closed: only "
                  "`tidings admin account create` does.",
       .choices = {"open", "closed"},
       .roles = kServe | kApi},
      {.section = kLimits,
       .key = "demo",
       .field = &S::demo,
       .unit = "on or off",
       .meaning = "on: whoever signs up finds a group with some history and a bot that answers, so "
                  "that there is something to try.",
       .choices = {"on", "off"},
       .roles = kServe},
      {.section = kLimits,
       .key = "connections-max",
       .field = &S::connections_max,
       .unit = "connections",
       .meaning = "Open connections to `listen`, WebSockets included. More are closed as they "
                  "come. Fewer where the limit of open files (ulimit -n) leaves room for fewer.",
       .min = 16,
       .max = 10'000'000,
       .roles = kServers},
      {.section = kLimits,
       .key = "trusted-proxies",
       .field = &S::trusted_proxies,
       .unit = "list of addresses or networks",
       .meaning = "Proxies in front of `listen`, such as \"10.0.0.7\" or \"10.0.0.0/8\". What they "
                  "say in X-Forwarded-For is believed: limits then count the client's address and "
                  "not the proxy's. Nobody else's word is.",
       .form = SettingForm::Network,
       .roles = kServers},
      {.section = kLimits,
       .key = "per-ip-rate",
       .field = &S::per_ip_rate,
       .unit = "requests/seconds",
       .meaning =
           "Requests and WebSocket handshakes of one IP address (of one /64 for IPv6), all people "
           "behind it together. More are answered 429. \"0\": no limit, for behind a proxy. The "
           "machine's own loopback addresses are never limited.",
       .roles = kServe},
      {.section = kLimits,
       .key = "person-sends",
       .field = &S::person_sends,
       .unit = "messages/seconds",
       .meaning = "Messages that a person may send; each target of a message counts.",
       .roles = kServe | kApi},
      {.section = kLimits,
       .key = "person-reads",
       .field = &S::person_reads,
       .unit = "requests/seconds",
       .meaning = "Reads that a person may make, over all devices.",
       .roles = kServe | kApi},
      {.section = kLimits,
       .key = "person-writes",
       .field = &S::person_writes,
       .unit = "requests/seconds",
       .meaning = "Other changes that a person may make: groups, members, profile.",
       .roles = kServe | kApi},
      {.section = kLimits,
       .key = "service-sends",
       .field = &S::service_sends,
       .unit = "messages/seconds",
       .meaning = "As person-sends, for a service whose key was made without --rate.",
       .roles = kServe | kApi},
      {.section = kLimits,
       .key = "service-reads",
       .field = &S::service_reads,
       .unit = "requests/seconds",
       .meaning = "As person-reads, for services.",
       .roles = kServe | kApi},
      {.section = kLimits,
       .key = "service-writes",
       .field = &S::service_writes,
       .unit = "requests/seconds",
       .meaning = "As person-writes, for services.",
       .roles = kServe | kApi},

      {.section = kPasswords,
       .key = "argon2-memory-mib",
       .field = &S::argon2_memory_mib,
       .unit = "MiB",
       .meaning = "Memory that one password hash takes (argon2id). Raising it makes stolen hashes "
                  "harder to guess and each sign-in slower.",
       .min = 8,
       .max = 4'096,
       .roles = kServe | kApi},
      {.section = kPasswords,
       .key = "argon2-passes",
       .field = &S::argon2_passes,
       .unit = "passes",
       .meaning = "Passes over that memory.",
       .min = 1,
       .max = 100,
       .roles = kServe | kApi},
      {.section = kPasswords,
       .key = "argon2-threads",
       .field = &S::argon2_threads,
       .unit = "threads",
       .meaning = "Sign-ins that are hashed at a time; others wait their turn.",
       .min = 1,
       .max = 64,
       .roles = kServe | kApi},

      {.section = kRunning,
       .key = "log-level",
       .field = &S::log_level,
       .unit = "level",
       .meaning = "The least important lines that are logged: debug, info, warn, error or off. "
                  "debug logs every request.",
       .choices = {"debug", "info", "warn", "error", "off"},
       .roles = kServers},
      {.section = kRunning,
       .key = "slow-request-ms",
       .field = &S::slow_request_ms,
       .unit = "ms",
       .meaning = "A request that takes longer is logged at level info.",
       .roles = kServers},
      {.section = kRunning,
       .key = "stop-timeout-s",
       .field = &S::stop_timeout_s,
       .unit = "s",
       .meaning = "How long a stop waits for requests that are being answered.",
       .max = 600,
       .roles = kServers},
      {.section = kRunning,
       .key = "drain-wait-s",
       .field = &S::drain_wait_s,
       .unit = "s",
       .meaning = "How long a worker that is to stop says on /readyz that it is not ready and goes "
                  "on answering, so that the load balancer sends nobody here any more.",
       .max = 600,
       .roles = kCluster},
  };
}

std::string shown_values(const Setting& setting) {
  std::string out;
  for (std::size_t i = 0; i < setting.choices.size(); ++i) {
    if (i > 0) out += i + 1 == setting.choices.size() ? " or " : ", ";
    out += setting.choices[i];
  }
  return out;
}

bool is_keyspace(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= 48 && is_letter(text.front()) &&
         std::ranges::all_of(text, fits);
}

Result<void> check_form(SettingForm form, std::string_view value) {
  const auto must_be = [&](const char* what) {
    return fail(ErrorCode::InvalidRequest,
                "must be " + std::string(what) + ", not \"" + std::string(value) + "\"");
  };
  if (form == SettingForm::Listener || form == SettingForm::Server) {
    const auto address = parse_address(value);
    if (!address) return forward(address);
    if (form == SettingForm::Server && address->port == 0)
      return must_be("HOST:PORT with a port from 1 to 65535");
  }
  if (form == SettingForm::Name && !is_keyspace(value))
    return must_be("1 to 48 of a-z 0-9 _, a letter first");
  if (form == SettingForm::Origin) {
    const bool is_web = value.starts_with("http://") || value.starts_with("https://");
    if (!is_web || value.ends_with('/'))
      return must_be("origins such as \"https://chat.example\", without a path");
  }
  if (form == SettingForm::Network) return check_network(value);
  return {};
}

Result<void> set_text(Settings& settings, const Setting& setting, std::string Settings::* field,
                      std::string_view value) {
  if (!setting.choices.empty() &&
      std::ranges::find(setting.choices, value) == setting.choices.end())
    return fail(ErrorCode::InvalidRequest,
                "must be " + shown_values(setting) + ", not \"" + std::string(value) + "\"");
  // Empty means "as another setting says", where it may be.
  if (!value.empty() || setting.form != SettingForm::Server) {
    if (auto formed = check_form(setting.form, value); !formed) return formed;
  }
  if (setting.key == "data" && value.empty())
    return fail(ErrorCode::InvalidRequest, "must name a directory");
  settings.*field = std::string(value);
  return {};
}

std::string quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < ' ' || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

// `text` in comment lines of at most kCommentColumns.
void append_comment(std::string& out, std::string_view text) {
  std::string line = "#";
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (line.size() + 1 + word.size() > kCommentColumns) {
      out += line + '\n';
      line = "#";
    }
    line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += line + '\n';
}

constexpr std::array kRoles = {ServerRole::Serve, ServerRole::Api, ServerRole::Notify,
                               ServerRole::Migrate};

// "serve, api".
std::string names_of(ServerRoles roles) {
  std::string names;
  for (const ServerRole role : kRoles) {
    if ((roles & bit(role)) == 0) continue;
    if (!names.empty()) names += ", ";
    names += role == ServerRole::Migrate ? "migrate" : name_of(role);
  }
  return names;
}

}  // namespace

std::string_view name_of(ServerRole role) {
  switch (role) {
    case ServerRole::Serve:
      return "serve";
    case ServerRole::Api:
      return "api";
    case ServerRole::Notify:
      return "notify";
    case ServerRole::Migrate:
      return "admin migrate";
  }
  return "";
}

Result<Rate> parse_rate(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::InvalidRequest,
                "must be COUNT/SECONDS such as \"10/10\" (up to 1000000/3600), not \"" +
                    std::string(text) + "\"");
  };
  Rate rate;
  if (text == "0") return rate;
  const char* const end = text.data() + text.size();
  const auto count = std::from_chars(text.data(), end, rate.count);
  if (count.ec != std::errc() || count.ptr == end || *count.ptr != '/') return wrong();
  const auto window = std::from_chars(count.ptr + 1, end, rate.seconds);
  if (window.ec != std::errc() || window.ptr != end) return wrong();
  if (rate.count > kRateCountMax || rate.seconds == 0 || rate.seconds > kRateSecondsMax)
    return wrong();
  return rate;
}

std::string format_rate(Rate rate) {
  if (rate.count == 0) return "0";
  return std::to_string(rate.count) + '/' + std::to_string(rate.seconds);
}

std::span<const Setting> setting_table() {
  static const std::vector<Setting> kTable = make_table();
  return kTable;
}

const Setting* find_setting(std::string_view key) {
  for (const Setting& setting : setting_table()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

std::string_view nearest_setting(std::string_view key) {
  std::string spelled(key);
  std::ranges::replace(spelled, '_', '-');
  std::vector<std::string_view> keys;
  for (const Setting& setting : setting_table()) keys.push_back(setting.key);
  return nearest_word(spelled, keys);
}

std::string variable_of(std::string_view key) {
  std::string name = "TIDINGS_";
  for (const char c : key) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Result<void> set_from_text(Settings& settings, const Setting& setting, std::string_view value) {
  if (const auto* field = std::get_if<std::string Settings::*>(&setting.field))
    return set_text(settings, setting, *field, value);
  if (const auto* field = std::get_if<Rate Settings::*>(&setting.field)) {
    auto rate = parse_rate(value);
    if (!rate) return forward(std::move(rate));
    if (rate->count == 0 && setting.key != "per-ip-rate")
      return fail(ErrorCode::InvalidRequest,
                  "must allow at least 1, not \"" + std::string(value) + "\"");
    settings.*(*field) = *rate;
    return {};
  }
  if (std::holds_alternative<std::uint32_t Settings::*>(setting.field)) {
    std::int64_t number = 0;
    const char* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end)
      return fail(ErrorCode::InvalidRequest,
                  "must be a whole number, not \"" + std::string(value) + "\"");
    return set_from_number(settings, setting, number);
  }
  std::vector<std::string> values;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (comma > 0) values.emplace_back(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return set_from_list(settings, setting, std::move(values));
}

Result<void> set_from_number(Settings& settings, const Setting& setting, std::int64_t value) {
  const auto* field = std::get_if<std::uint32_t Settings::*>(&setting.field);
  if (field == nullptr)
    return fail(ErrorCode::InvalidRequest, "must be " + std::string(setting.unit) +
                                               " in quotes, not " + std::to_string(value));
  if (value < setting.min || value > setting.max)
    return fail(ErrorCode::InvalidRequest, "must be " + std::to_string(setting.min) + " to " +
                                               std::to_string(setting.max) + ", not " +
                                               std::to_string(value));
  settings.*(*field) = static_cast<std::uint32_t>(value);
  return {};
}

Result<void> set_from_list(Settings& settings, const Setting& setting,
                           std::vector<std::string> values) {
  const auto* field = std::get_if<std::vector<std::string> Settings::*>(&setting.field);
  if (field == nullptr) return fail(ErrorCode::InvalidRequest, "must be one value, not a list");
  for (const std::string& value : values) {
    if (auto formed = check_form(setting.form, value); !formed) return formed;
  }
  settings.*(*field) = std::move(values);
  return {};
}

Result<void> check(const Settings& settings, ServerRole role) {
  const auto wrong = [](std::string what) {
    return fail(ErrorCode::InvalidRequest, std::move(what));
  };
  if (settings.tls_cert.empty() != settings.tls_key.empty())
    return wrong(settings.tls_cert.empty() ? "tls-key is set, but tls-cert is not: set both"
                                           : "tls-cert is set, but tls-key is not: set both");
  if (role == ServerRole::Serve) return {};
  if (settings.cassandra.empty()) return wrong("cassandra: must name one node at least");
  if (role == ServerRole::Migrate) return {};
  if (settings.redis.empty()) return wrong("redis: must name one server at least");
  if (role == ServerRole::Api) return {};
  if (settings.internal_secret.size() < kInternalSecretBytesMin)
    return wrong(
        "internal-secret: must be set in the settings file or in TIDINGS_INTERNAL_SECRET, "
        "at least 32 characters, the same for all notification workers");
  if (settings.internal_address.empty() &&
      is_wildcard(parse_address(settings.internal_listen)->host))
    return wrong("internal-address: must say how others reach internal-listen, which is " +
                 settings.internal_listen);
  return {};
}

std::string toml_value(const Settings& settings, const Setting& setting) {
  if (const auto* field = std::get_if<std::string Settings::*>(&setting.field))
    return quoted(settings.*(*field));
  if (const auto* field = std::get_if<std::uint32_t Settings::*>(&setting.field))
    return std::to_string(settings.*(*field));
  if (const auto* field = std::get_if<Rate Settings::*>(&setting.field))
    return quoted(format_rate(settings.*(*field)));
  std::string out = "[";
  for (const std::string& value :
       settings.*std::get<std::vector<std::string> Settings::*>(setting.field)) {
    if (out.size() > 1) out += ", ";
    out += quoted(value);
  }
  return out + ']';
}

std::string to_toml(const Settings& settings, ServerRole role) {
  const Settings defaults;
  std::string out;
  append_comment(out, "The settings of `tidings " + std::string(name_of(role)) +
                          "`. A variable (TIDINGS_LISTEN) beats this file, and a flag (--listen) "
                          "beats both.");
  std::string_view section;
  for (const Setting& setting : setting_table()) {
    if (!setting.is_of(role)) continue;
    if (setting.section != section) {
      section = setting.section;
      out += "\n# ---- " + std::string(section) + " ----\n";
    }
    out += '\n';
    append_comment(out, setting.meaning);
    append_comment(out, "Unit: " + std::string(setting.unit) +
                            ". Default: " + toml_value(defaults, setting) + '.');
    if (setting.is_secret) {
      const bool is_set = toml_value(settings, setting) != toml_value(defaults, setting);
      append_comment(
          out, std::string(setting.key) + (is_set ? " is set, and not shown." : " is not set."));
    } else {
      out += std::string(setting.key) + " = " + toml_value(settings, setting) + '\n';
    }
  }
  return out;
}

std::string settings_as_markdown() {
  const Settings defaults;
  std::string out;
  std::string_view section;
  for (const Setting& setting : setting_table()) {
    if (setting.section != section) {
      if (!section.empty()) out += '\n';
      section = setting.section;
      out += "### " + std::string(section) +
             "\n\n| key | of | default | unit | meaning |\n|---|---|---|---|---|\n";
    }
    out += "| `" + std::string(setting.key) + "` | " + names_of(setting.roles) + " | `" +
           toml_value(defaults, setting) + "` | " + std::string(setting.unit) + " | " +
           std::string(setting.meaning) + " |\n";
  }
  return out;
}

}  // namespace tidings
