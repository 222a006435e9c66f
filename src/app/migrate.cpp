#include "app/migrate.h"

#include <cstdio>
#include <string>

#include "adapters/cassandra/migrations.h"
#include "app/cluster_options.h"
#include "base/log.h"

namespace tidings {
namespace {

ExitCode complain(const Error& error) {
  std::fprintf(stderr, "tidings: %s\n", error.detail.c_str());
  return error.code == ErrorCode::Unavailable ? ExitCode::Unreachable : ExitCode::Failed;
}

}  // namespace

ExitCode run_migrate(const MigrateCommand& command) {
  const auto config = load_config(command.sources, ServerRole::Migrate);
  if (!config) {
    std::fprintf(stderr, "tidings: %s\n", config.error().detail.c_str());
    return ExitCode::Usage;
  }
  set_log_level(LogLevel::Warn);
  const Settings& settings = config->settings;
  CqlOptions options = cql_options(settings);
  options.connect_deadline = CqlOptions().connect_deadline;
  cassandra::MigrationRules rules;
  rules.replication_factor = static_cast<int>(settings.replication_factor);
  const auto applied = cassandra::migrate(options, rules);
  if (!applied) return complain(applied.error());
  for (const std::string& name : *applied) std::printf("Applied %s.\n", name.c_str());
  if (applied->empty())
    std::printf("The keyspace %s is up to date.\n", settings.cassandra_keyspace.c_str());

  const auto warnings = cassandra::check_schema(options);
  if (!warnings) return complain(warnings.error());
  for (const std::string& warning : *warnings) {
    std::fprintf(stderr, "tidings: warning: %s\n", warning.c_str());
  }
  return ExitCode::Done;
}

}  // namespace tidings
