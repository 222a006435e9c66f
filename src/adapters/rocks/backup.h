#pragma once

#include <filesystem>

#include "adapters/rocks/database.h"
#include "adapters/rocks/store_reports.h"

namespace tidings::rocks {

// Copies the store as it is at this moment, with every write that was acknowledged before, into a
// directory that does not exist yet or is empty. Writes go on meanwhile. Blocks the calling thread.
// What is copied is whole: a damaged store is not copied, and nothing is left in the directory.
//
// Errors: InvalidRequest  the directory is not empty or can't be written
//         Unavailable     copying failed
//         Internal        the store is damaged
Result<CopyReport> back_up(Database& database, const std::filesystem::path& directory);

// Makes the data directory `into`, which does not exist yet or is empty, from a backup. It gets a
// new epoch, so that cursors of the store's other life are read as times. There is either a whole
// data directory afterwards or none.
//
// Errors: InvalidRequest  there is no backup in `from`, or `into` is not empty or can't be written
//         Internal        the backup is damaged
Result<CopyReport> restore(const std::filesystem::path& from, const std::filesystem::path& into);

}  // namespace tidings::rocks
