#pragma once

#include <functional>

#include "base/clock.h"
#include "base/task.h"
#include "core/accounts.h"
#include "core/blocks.h"
#include "core/digest_check.h"
#include "core/end_account.h"
#include "core/groups.h"
#include "core/history.h"
#include "core/members.h"
#include "core/profiles.h"
#include "core/read_marks.h"
#include "core/send_message.h"
#include "core/server_figures.h"
#include "core/services.h"
#include "core/sessions.h"
#include "core/status_feed.h"
#include "core/sync.h"
#include "ports/throttle.h"

namespace tidings {

// What the API can do, as `app` wired it. All of it outlives the handler and is safe from any
// thread.
struct ApiCore {
  Sessions& sessions;
  Accounts& accounts;
  Profiles& profiles;
  Blocks& blocks;
  EndAccount& end_account;
  Groups& groups;
  Members& members;
  SendMessage& send_message;
  Sync& sync;
  History& history;
  DigestCheck& digest_check;
  ReadMarks& read_marks;
  StatusFeed& status_feed;
  Services& services;
  std::function<Task<ServerFigures>()> figures;
  Throttle& throttle;
  const Clock& clock;
};

}  // namespace tidings
