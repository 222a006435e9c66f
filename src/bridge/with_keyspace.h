#pragma once

#include <string>
#include <string_view>

namespace tidings {

// The statement with `keyspace` before each table that it names without one; as it was when
// `keyspace` is empty. Key words are in capitals, names are not, and stand in no quotes.
//
// A connection can't be trusted to be in its keyspace: a driver may go on with one whose USE
// failed, as one to a node that had just stood still does (scylla-rust-driver, issue 1682).
std::string with_keyspace(std::string_view statement, std::string_view keyspace);

}  // namespace tidings
