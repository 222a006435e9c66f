#include "adapters/cassandra/schema_table.h"

#include <utility>

#include "base/log.h"
#include "base/uuid.h"

namespace tidings::cassandra {
namespace {

constexpr milliseconds kWithin = seconds(20);

std::string quoted(std::string_view text) {
  std::string made = "'";
  for (const char each : text) made += each == '\'' ? std::string("''") : std::string(1, each);
  return made + '\'';
}

}  // namespace

SchemaTable::SchemaTable(CqlSession& session, std::string keyspace)
    : session_(session),
      keyspace_(std::move(keyspace)),
      table_(keyspace_ + ".migrations"),
      owner_(Uuid::v4().to_string()) {}

Result<CqlRows> SchemaTable::run(std::string text) { return session_.run(text, kWithin); }

Result<bool> SchemaTable::exists() {
  const auto found =
      run("SELECT table_name FROM system_schema.tables WHERE table_name = 'migrations' AND "
          "keyspace_name = " +
          quoted(keyspace_));
  if (!found) return forward(found);
  return !found->empty();
}

// `number` 0 is the lease. Two that make the table at the same time must make the same one, so its
// id is not left to chance.
Result<void> SchemaTable::create() {
  const auto there = exists();
  if (!there) return forward(there);
  if (*there) return {};
  const auto id = Uuid::v5(Uuid{}, table_).to_string();
  const auto made = run("CREATE TABLE IF NOT EXISTS " + table_ +
                        " (scope text, number int, name text, checksum text, applied_at timestamp,"
                        " owner uuid, PRIMARY KEY (scope, number)) WITH id = " +
                        quoted(id));
  if (!made) return forward(made);
  return {};
}

Result<std::vector<AppliedMigration>> SchemaTable::read() {
  std::vector<AppliedMigration> applied;
  const auto rows = run("SELECT number, name, checksum FROM " + table_ +
                        " WHERE scope = 'schema' AND number > 0");
  if (!rows) return forward(rows);
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const CqlRow row = (*rows)[i];
    applied.push_back({row.int32(0), std::string(row.text(1)), std::string(row.text(2))});
  }
  return applied;
}

Result<void> SchemaTable::record(const AppliedMigration& migration) {
  const auto done = run("INSERT INTO " + table_ +
                        " (scope, number, name, checksum, applied_at) VALUES ('schema', " +
                        std::to_string(migration.number) + ", " + quoted(migration.name) + ", " +
                        quoted(migration.checksum) + ", toTimestamp(now())) IF NOT EXISTS");
  if (!done) return forward(done);
  return {};
}

Result<bool> SchemaTable::take_lease(seconds time) {
  const std::string set = "UPDATE " + table_ + " USING TTL " + std::to_string(time.count()) +
                          " SET owner = " + owner_ + " WHERE scope = 'schema' AND number = 0 IF ";
  const auto taken = run(set + "owner = null");
  if (!taken) return forward(taken);
  if (taken->applied()) return true;
  const auto renewed = run(set + "owner = " + owner_);
  if (!renewed) return forward(renewed);
  return renewed->applied();
}

void SchemaTable::give_up_lease() {
  const auto given_up = run("DELETE owner FROM " + table_ +
                            " WHERE scope = 'schema' AND number = 0 IF owner = " + owner_);
  // It lapses by itself.
  if (!given_up) log_warn("cassandra.lease_kept", {{"reason", given_up.error().detail}});
}

}  // namespace tidings::cassandra
