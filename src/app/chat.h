#pragma once

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
#include "core/store_watch.h"
#include "core/sync.h"

namespace tidings {

// The whole of the chat, without a socket and whatever keeps it: one object of each class of the
// core. Members stand in the order in which they lean on each other.
struct Chat {
  // `ports` outlives it. Sets what a person and a service may do (core/policies.h) for the process.
  Chat(const Settings& settings, const Clock& clock, const BackendPorts& ports);

  // Ends what runs beside the requests. Called once, when no call is under way any more and before
  // it is destroyed.
  Task<void> stop();

  const Clock& clock;
  const BackendPorts ports;

  Directory directory;
  Marker marker;
  ClockGuard clock_guard;
  StoreWatch store_watch;
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
