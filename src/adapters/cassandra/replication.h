#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bridge/cql_session.h"

namespace tidings::cassandra {

// How a keyspace is replicated, and over what.
struct Replication {
  std::string keyspace;
  std::string datacenter;                      // ours
  std::map<std::string, std::string> options;  // as the store has them: "class", and by data centre
  std::size_t nodes = 1;                       // of the whole cluster
};

// Blocks. Errors: Unavailable, and Internal when the store's own tables are not as we know them
Result<Replication> read_replication(CqlSession& session, const CqlOptions& options);

// What is wrong with it: sentences for the administrator that say what to do. Empty: nothing.
std::vector<std::string> warnings_about(const Replication& replication);

// The data centre that the options name, or that of a node when they name none. Blocks.
// Errors: Unavailable
Result<std::string> datacenter_of(CqlSession& session, const CqlOptions& options);

// {'class': 'NetworkTopologyStrategy', '<datacenter>': <copies>}
std::string replication_in(std::string_view datacenter, int copies);

// Of a-z, 0-9 and _, beginning with a letter: means the same in every statement.
bool is_plain_name(std::string_view name);

}  // namespace tidings::cassandra
