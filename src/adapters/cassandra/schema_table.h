#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bridge/cql_session.h"

namespace tidings::cassandra {

struct AppliedMigration {
  int number = 0;
  std::string name;
  std::string checksum;
};

// The table `migrations` of a keyspace: what was applied, and who is at it. One partition, written
// by lightweight transactions alone. Blocks; for one thread.
//
// Errors of all methods: Unavailable
class SchemaTable {
 public:
  // The session may be of any keyspace or none, and outlives it.
  SchemaTable(CqlSession& session, std::string keyspace);

  Result<bool> exists();
  Result<void> create();
  Result<std::vector<AppliedMigration>> read();
  Result<void> record(const AppliedMigration& migration);

  // True when it is ours, from now on or still: for that time, however we end.
  Result<bool> take_lease(seconds time);
  // Whatever happens to it, the lease ends with its time.
  void give_up_lease();

 private:
  Result<CqlRows> run(std::string text);

  CqlSession& session_;
  const std::string keyspace_;
  const std::string table_;
  const std::string owner_;
};

}  // namespace tidings::cassandra
