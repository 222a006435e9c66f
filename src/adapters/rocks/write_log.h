#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidings::rocks {

// What a file of the database's write-ahead log holds, judged by its checksums alone.
struct LogState {
  std::uint64_t bytes = 0;
  std::uint64_t good_bytes = 0;  // up to the end of the last whole record before any damage
  bool damaged = false;  // bytes follow that are not records (a cut-off record is no damage)
  bool good_after_damage = false;  // a record begins after it
};
LogState examine_log(std::string_view bytes);

// Looks at the logs in `directory` before the database replays them.
//
// One commit is written only after the one before it was synced and acknowledged. A record that is
// followed by a good one was therefore acknowledged: when it is damaged, messages that people were
// promised are gone, and the store must not start as if nothing were. The last record of the last
// log is different: a power cut in the middle of a commit tears it, and nobody was told that it is
// stored. It is cut off, kept beside the log as `*.torn`, and said in the log of the program. One
// that was acknowledged and damaged later looks the same as long as no other follows it.
//
// With Durability::Os a power cut may also leave holes among acknowledged records of the last
// seconds. They are refused like other damage. The log does not say with which durability it was
// written, and nothing tells such a hole from a bit that flipped among the records of days that a
// log may hold: all behind it would go, and nobody would have been asked. docs/operations.md says
// how to cut it by hand.
//
// Errors: Internal   a record that was acknowledged is damaged, or a file can't be read
Result<void> mend_logs(const std::filesystem::path& directory);

// What mend_logs() would cut off or refuse, a sentence each; changes nothing.
std::vector<std::string> damage_in_logs(const std::filesystem::path& directory);

}  // namespace tidings::rocks
