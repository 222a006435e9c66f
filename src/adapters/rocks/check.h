#pragma once

#include "adapters/rocks/database.h"
#include "adapters/rocks/store_reports.h"

namespace tidings::rocks {

// Reads everything, at one moment, and compares the tables with each other: the checksums of all
// files, every record, and whether arrivals, late index, amendments, heads and sealed sums are what
// the messages say, counts what the members say, names what the users say.
//
// Takes 17 bytes of memory for each message of the largest group. Blocks the calling thread.
CheckReport check(const Database& database);

// The same for a store that nobody has open and that may be damaged: opens it without changing
// anything. A store that can't be opened at all is one problem.
//
// Errors: InvalidRequest  the store is of another format
//         Unavailable     there is no store, or another process uses it
Result<CheckReport> check_directory(const RocksOptions& options);

}  // namespace tidings::rocks
