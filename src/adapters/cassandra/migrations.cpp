#include "adapters/cassandra/migrations.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "adapters/cassandra/replication.h"
#include "adapters/cassandra/schema_table.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"

namespace tidings::cassandra {
namespace {

constexpr milliseconds kStatementWithin = seconds(30);
constexpr milliseconds kLookAgainAfter{200};

std::unexpected<Error> refuse(std::string sentence) {
  return fail(ErrorCode::InvalidRequest, std::move(sentence));
}

std::string title_of(int number, std::string_view name) {
  return std::to_string(number) + " (" + std::string(name) + ")";
}

int newest_of(std::span<const Migration> migrations) {
  return migrations.empty() ? 0 : migrations.back().number;
}

const AppliedMigration* find_in(const std::vector<AppliedMigration>& applied, int number) {
  for (const auto& each : applied) {
    if (each.number == number) return &each;
  }
  return nullptr;
}

// What is in the store must be what this program knows, as far as it goes.
Result<void> check_applied(const std::vector<AppliedMigration>& applied,
                           std::span<const Migration> migrations) {
  for (const auto& each : applied) {
    if (each.number > newest_of(migrations)) {
      return refuse("The schema of the store is newer than this program: it has migration " +
                    title_of(each.number, each.name) + ", and this program knows " +
                    std::to_string(newest_of(migrations)) +
                    " of them. Start a newer `tidings`; nothing was changed.");
    }
  }
  for (const Migration& migration : migrations) {
    const auto* const found = find_in(applied, migration.number);
    if (found != nullptr && found->checksum != checksum_of(migration)) {
      return refuse("Migration " + title_of(migration.number, migration.name) +
                    " is another in this program than the one that was applied to the store. "
                    "Start the `tidings` that the store was made with, or a released one.");
    }
  }
  return {};
}

// Whether a migration that broke off has added it already.
Result<bool> has_column(CqlSession& session, const std::string& keyspace,
                        const AddedColumn& added) {
  const auto rows = session.run(
      "SELECT column_name FROM system_schema.columns WHERE keyspace_name = '" + keyspace +
          "' AND table_name = '" + added.table + "' AND column_name = '" + added.column + "'",
      kStatementWithin);
  if (!rows) return forward(rows);
  return !rows->empty();
}

Result<void> run(CqlSession& session, const std::string& keyspace, const std::string& statement) {
  if (const auto added = added_column(statement)) {
    const auto is_there = has_column(session, keyspace, *added);
    if (!is_there) return forward(is_there);
    if (*is_there) return {};
  }
  const auto done = session.run(statement, kStatementWithin);
  if (!done) return forward(done);
  return {};
}

Result<void> apply(CqlSession& session, const std::string& keyspace, const Migration& migration) {
  for (const std::string& statement : statements_of(migration.text)) {
    auto done = run(session, keyspace, statement);
    if (done) continue;
    log_error("migrate.failed", {{"migration", migration.name},
                                 {"statement", statement.substr(0, 80)},
                                 {"error", done.error().detail}});
    done.error().detail = "Migration " + title_of(migration.number, migration.name) +
                          " failed: " + done.error().detail;
    return done;
  }
  return {};
}

// Under the lease. Renews it before each migration: whoever lost it stops.
Result<std::vector<std::string>> apply_missing(CqlSession& session, const std::string& keyspace,
                                               SchemaTable& table, const MigrationRules& rules) {
  auto applied = table.read();
  if (!applied) return forward(std::move(applied));
  if (auto known = check_applied(*applied, rules.migrations); !known)
    return forward(std::move(known));
  std::vector<std::string> names;
  for (const Migration& migration : rules.migrations) {
    if (find_in(*applied, migration.number) != nullptr) continue;
    const auto held = table.take_lease(rules.lease);
    if (!held) return forward(held);
    if (!*held)
      return fail(ErrorCode::Unavailable, "Somebody else has begun to change the schema.");
    if (auto done = apply(session, keyspace, migration); !done) return forward(std::move(done));
    auto recorded =
        table.record({migration.number, std::string(migration.name), checksum_of(migration)});
    if (!recorded) return forward(std::move(recorded));
    log_info("migrate.applied", {{"migration", title_of(migration.number, migration.name)}});
    names.emplace_back(migration.name);
  }
  return names;
}

Result<void> make_keyspace(const CqlOptions& options, const MigrationRules& rules) {
  CqlOptions outside = options;
  outside.keyspace.clear();
  auto session = CqlSession::connect(outside);
  if (!session) return forward(std::move(session));
  auto datacenter = datacenter_of(**session, options);
  if (!datacenter) return forward(std::move(datacenter));
  const auto made = (*session)->run(
      "CREATE KEYSPACE IF NOT EXISTS " + options.keyspace +
          " WITH replication = " + replication_in(*datacenter, rules.replication_factor),
      kStatementWithin);
  if (!made) return forward(made);
  return {};
}

}  // namespace

std::vector<std::string> statements_of(std::string_view text) {
  std::vector<std::string> statements;
  std::string statement;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos || line.substr(begin).starts_with("--")) continue;
    line.remove_prefix(begin);
    const bool is_last = line.ends_with(';');
    if (is_last) line.remove_suffix(1);
    if (!statement.empty()) statement += ' ';
    statement += line;
    if (is_last) statements.push_back(std::exchange(statement, {}));
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

std::optional<AddedColumn> added_column(std::string_view statement) {
  constexpr std::array<std::string_view, 4> kBefore = {"ALTER", "TABLE", "", "ADD"};
  std::array<std::string_view, 5> words{};
  for (std::string_view& word : words) {
    word = statement.substr(0, statement.find(' '));
    statement.remove_prefix(std::min(statement.size(), word.size() + 1));
  }
  for (std::size_t i = 0; i < kBefore.size(); ++i) {
    if (!kBefore[i].empty() && words[i] != kBefore[i]) return std::nullopt;
  }
  if (statement.empty() || words[4] == "IF") return std::nullopt;
  return AddedColumn{std::string(words[2]), std::string(words[4])};
}

std::string checksum_of(const Migration& migration) {
  std::string all;
  for (const std::string& statement : statements_of(migration.text)) all += statement + ';';
  return to_hex(sha256(all));
}

Result<std::vector<std::string>> migrate(const CqlOptions& options, const MigrationRules& rules) {
  if (!is_plain_name(options.keyspace))
    return refuse("A keyspace has a name of a-z, 0-9 and _, beginning with a letter.");
  if (auto made = make_keyspace(options, rules); !made) return forward(std::move(made));
  auto session = CqlSession::connect(options);
  if (!session) return forward(std::move(session));
  SchemaTable table(**session, options.keyspace);
  if (auto made = table.create(); !made) return forward(std::move(made));

  const Instant until = std::chrono::steady_clock::now() + rules.wait;
  for (;;) {
    const auto held = table.take_lease(rules.lease);
    if (held && *held) break;
    // A node may learn a little later that somebody else has made the table.
    const bool is_new_to_it = !held && held.error().code == ErrorCode::Internal;
    if (!held && !is_new_to_it) return forward(held);
    if (std::chrono::steady_clock::now() >= until) {
      if (!held) return forward(held);
      return fail(ErrorCode::Unavailable,
                  "Somebody else is changing the schema, or has died while they did; try again in "
                  "two minutes.");
    }
    std::this_thread::sleep_for(kLookAgainAfter);
  }
  auto names = apply_missing(**session, options.keyspace, table, rules);
  table.give_up_lease();
  return names;
}

Result<std::vector<std::string>> check_schema(const CqlOptions& options,
                                              std::span<const Migration> migrations) {
  if (!is_plain_name(options.keyspace))
    return refuse("A keyspace has a name of a-z, 0-9 and _, beginning with a letter.");
  CqlOptions outside = options;
  outside.keyspace.clear();
  auto session = CqlSession::connect(outside);
  if (!session) return forward(std::move(session));
  SchemaTable table(**session, options.keyspace);
  const auto exists = table.exists();
  if (!exists) return forward(exists);
  if (!*exists) {
    return refuse("The store has no schema in the keyspace " + options.keyspace +
                  ". Run `tidings admin migrate`.");
  }
  auto applied = table.read();
  if (!applied) return forward(std::move(applied));
  if (auto known = check_applied(*applied, migrations); !known) return forward(std::move(known));
  for (const Migration& migration : migrations) {
    if (find_in(*applied, migration.number) != nullptr) continue;
    return refuse("The schema of the store is older than this program: it lacks migration " +
                  title_of(migration.number, migration.name) + ". Run `tidings admin migrate`.");
  }
  auto replication = read_replication(**session, options);
  if (!replication) return forward(std::move(replication));
  return warnings_about(*replication);
}

}  // namespace tidings::cassandra
