#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/busy_groups.h"

namespace tidings {

// What an operator watches of one process. Where it says "so far" the number only grows while the
// process lives: two readings give a rate. What a process has no part in stays 0: an API worker of
// a cluster has no sockets, and its store is elsewhere.
struct ServerFigures {
  std::string process;  // "api chat-3:7400 5f0c2a9e11d04b7c": no two lives have the same
  std::string role;     // "serve" or "api"
  std::string version;
  std::uint64_t up_seconds = 0;
  std::uint64_t stored = 0;         // so far: messages, once a target
  std::uint64_t throttled = 0;      // so far: requests that were answered 429
  std::uint64_t changed_sent = 0;   // so far: frames that named changed groups
  std::uint64_t queue_waiting = 0;  // of the whole cluster
  std::uint64_t queue_leased = 0;
  std::uint64_t connections = 0;  // WebSockets included
  std::uint64_t sockets = 0;
  std::uint64_t commits = 0;    // so far: of the store; where it is elsewhere, calls of it
  std::uint64_t commit_us = 0;  // so far: what they took together
  std::uint64_t store_disk_bytes = 0;
  std::uint64_t store_messages = 0;  // an estimate
  std::vector<BusyGroups::Busy> busy_groups;
};

}  // namespace tidings
