#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bridge/cql_session.h"

namespace tidings::cassandra {

// One step of the schema: a file of migrations/, as it was when the program was built. Every
// statement of it may be repeated (IF NOT EXISTS, or it adds a column), and a released one is never
// changed.
struct Migration {
  int number = 0;
  std::string_view name;
  std::string_view text;
};

// All that this program knows, by number.
std::span<const Migration> all_migrations();

// The statements of a text of CQL: a statement ends with a ';' at the end of a line; lines that
// begin with "--" are comments.
std::vector<std::string> statements_of(std::string_view text);

struct AddedColumn {
  std::string table;
  std::string column;
  bool operator==(const AddedColumn&) const = default;
};
// What "ALTER TABLE t ADD c …" adds; nothing for any other statement. Repeated it would be refused,
// and IF NOT EXISTS there is Cassandra's alone, so `migrate` looks first.
std::optional<AddedColumn> added_column(std::string_view statement);

// Of the statements alone: comments may change.
std::string checksum_of(const Migration& migration);

struct MigrationRules {
  std::span<const Migration> migrations = all_migrations();
  int replication_factor = 3;  // of a keyspace that is made
  seconds lease{120};          // whoever died in the middle keeps the others out for so long
  milliseconds wait{180'000};  // for somebody else who is at it
};

// Brings a keyspace to the schema of this program: makes it (NetworkTopologyStrategy in
// `options.local_datacenter`) when it is missing, applies the migrations that are missing, in
// their order, and writes each into the table `migrations` when all its statements were applied.
//
// May be repeated after a crash at any point, and started by several at once: one of them holds a
// lease, a row of that table that is taken by a lightweight transaction, and the others wait and
// then find nothing left to do. Blocks. Returns the names of those that it applied.
//
// Errors: Unavailable     the store does not answer, or somebody else takes too long
//         InvalidRequest  the store is of a newer program, or a migration was changed after it was
//                         applied; the detail is a sentence for the administrator
//         Internal        a migration is not understood; the detail says which
Result<std::vector<std::string>> migrate(const CqlOptions& options,
                                         const MigrationRules& rules = {});

// Whether a program may work on a keyspace: for workers, at their start. Returns warnings about how
// it is replicated, each a sentence for the administrator. Blocks.
//
// Errors: Unavailable     the store does not answer
//         InvalidRequest  the schema is older or newer than the program, or there is none; the
//                         detail says what to do
Result<std::vector<std::string>> check_schema(
    const CqlOptions& options, std::span<const Migration> migrations = all_migrations());

}  // namespace tidings::cassandra
