#pragma once

#include <cstddef>
#include <functional>

#include "core/round_rules.h"
#include "ports/arrival_log.h"
#include "ports/group_queue.h"
#include "ports/group_store.h"
#include "ports/message_store.h"
#include "ports/presence.h"
#include "ports/read_mark_store.h"
#include "ports/secrets.h"
#include "ports/session_store.h"
#include "ports/store_clocks.h"
#include "ports/throttle.h"
#include "ports/user_store.h"

namespace tidings {

// Everything that the core stands on, whoever keeps it: `EmbeddedBackend` for `tidings serve`,
// `ClusterBackend` for `tidings api` and `tidings notify`. All of it outlives the core and is safe
// from any thread.
//
// A test program puts faults between these and the core (tests/faults): a checker that has never
// failed proves nothing.
struct BackendPorts {
  MessageStore& messages;
  ArrivalLog* arrivals;  // null: sync reads rounds, as over a store without an order of arrival
  GroupStore& groups;
  UserStore& users;
  SessionStore& sessions;
  ReadMarkStore& read_marks;
  StoreClocks* store_clocks;  // null: the store is in this process, and has no clock of its own

  GroupQueue& queue;
  std::size_t marks_kept_max;  // Marker's `recent_max`: 0 for a queue that can't be lost alone
  Presence& presence;
  Throttle& throttle;

  PasswordHasher& hasher;
  const AccessTokens& access_tokens;

  RoundRules round_rules = {};
};

// Returns what the core is to stand on instead of the backend's own; empty: on those. What it
// returns lives as long as the process.
using PortsHook = std::function<BackendPorts(BackendPorts)>;

}  // namespace tidings
