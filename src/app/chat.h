#pragma once

#include <memory>

#include "adapters/memory/memory_group_queue.h"
#include "adapters/memory/memory_presence.h"
#include "adapters/memory/memory_throttle.h"
#include "adapters/rocks/rocks_store.h"
#include "adapters/sodium/password_hasher.h"
#include "app/access_keys.h"
#include "app/backend_ports.h"
#include "app/settings.h"
#include "base/clock.h"
#include "core/accounts.h"
#include "core/acquaintances.h"
#include "core/blocks.h"
#include "core/clock_guard.h"
#include "core/digest_check.h"
#include "core/directory.h"
#include "core/end_account.h"
#include "core/group_changes.h"
#include "core/groups.h"
#include "core/history.h"
#include "core/live_statuses.h"
#include "core/marker.h"
#include "core/members.h"
#include "core/ownership.h"
#include "core/profiles.h"
#include "core/read_marks.h"
#include "core/send_message.h"
#include "core/services.h"
#include "core/sessions.h"
#include "core/sign_in_limit.h"
#include "core/status_feed.h"
#include "core/sync.h"

namespace tidings {

// The whole of the chat on one machine, without a socket: the adapters, and the core on top of
// them. Members stand in the order in which they lean on each other.
struct Backend {
  // Opens the data directory, making it when it is missing.
  //
  // Errors: InvalidRequest  the directory can't be written
  //         Unavailable     another process uses it
  //         Internal        it is damaged
  // The detail is for the person who started the program.
  static Result<std::unique_ptr<Backend>> open(const Settings& settings, const Clock& clock,
                                               const PortsHook& hook = {});

  Backend(const Settings& settings, const Clock& clock, std::unique_ptr<RocksStore> store,
          std::unique_ptr<AccessKeys> access_keys, const PortsHook& hook);

  // Ends what runs beside the requests. Called once, when no call is under way any more and before
  // it is destroyed.
  Task<void> stop();

  const Clock& clock;

  std::unique_ptr<RocksStore> store;
  MemoryGroupQueue queue;
  MemoryPresence presence;
  MemoryThrottle throttle;
  SodiumPasswordHasher hasher;
  std::unique_ptr<AccessKeys> access_keys;
  BackendPorts ports;

  Directory directory;
  Marker marker;
  ClockGuard clock_guard;
  SignInLimit sign_in_limit;
  Sessions sessions;
  Accounts accounts;
  Services services;
  Blocks blocks;
  GroupChanges group_changes;
  Ownership ownership;
  Groups groups;
  Members members;
  EndAccount end_account;
  Acquaintances acquaintances;
  LiveStatuses statuses;
  Profiles profiles;
  SendMessage send_message;
  Sync sync;
  History history;
  DigestCheck digest_check;
  ReadMarks read_marks;
  StatusFeed status_feed;
};

}  // namespace tidings
