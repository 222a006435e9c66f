#pragma once

#include <functional>
#include <string>

#include "app/command_line.h"
#include "core/chat_stores.h"

namespace tidings {

// What a chat is taken from or brought into: a data directory or a cluster.
struct MoveEnd {
  ChatStores stores;
  std::function<Result<void>()> renew_epoch;
};

// Writes everything of a chat into an archive in `directory`, with a progress bar on standard
// error, and says how much it was; as JSON when `json`. Blocks.
ExitCode export_chat(const MoveEnd& from, const std::string& directory, bool json);

// Brings the archive in `directory` into a chat and compares the two. Blocks.
ExitCode import_chat(const MoveEnd& into, const std::string& directory, bool json);

// The same with a data directory, which no server may be using. An import makes it if need be.
ExitCode export_data(const std::string& data, const std::string& directory, bool json);
ExitCode import_data(const std::string& data, const std::string& directory, bool json);

// The same with the cluster whose workers read these settings. An export may run beside them; while
// an import runs, they should not.
ExitCode export_cluster(const ConfigSources& cluster, const std::string& directory, bool json);
ExitCode import_cluster(const ConfigSources& cluster, const std::string& directory, bool json);

}  // namespace tidings
