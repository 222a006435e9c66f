#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "core/subscriber.h"
#include "model/ids.h"
#include "model/user.h"
#include "ports/presence.h"

namespace tidings {

// Tells connections that something changed. It keeps one set of flags for each connection, never a
// queue: one `changed` is on its way at a time, and until it is acknowledged (or 2 s have passed)
// what changes meanwhile is gathered. It may therefore repeat and coalesce as it likes, and costs
// an idle connection no buffer and no coroutine.
//
// Connections live on the loops it was made for; each is opened, used and closed on its own. What
// others call is safe from any thread. Stopped before it is destroyed.
class Gateway {
 public:
  class Connection;
  using ConnectionRef = std::shared_ptr<Connection>;

  Gateway(GatewayId self, std::vector<Loop*> loops, Presence& presence, const Clock& clock);
  ~Gateway();

  const GatewayId& self() const;

  // --- For the owner of a connection, on the connection's loop ---

  // From here on changes are flagged for the connection; none is sent before `begin`. Presence was
  // written, or will be as soon as it answers. `subscriber` outlives `close`.
  //
  // Errors: Unauthenticated  the session or key has just ended
  Task<Result<ConnectionRef>> open(Caller caller, Subscriber& subscriber);
  // Its owner has said hello: changes may follow.
  void begin(const ConnectionRef& connection);
  // The client has seen `changed` number `n`. False when there was none yet.
  bool acked(const ConnectionRef& connection, std::uint64_t n);
  // Nothing is said to the subscriber afterwards. Called once for each connection opened.
  Task<void> close(ConnectionRef connection);

  // How often a client should pull its status by itself: 10 minutes, or 60 s while presence does
  // not answer, since then nobody may find it. Safe from any thread.
  milliseconds poll_interval() const;

  // --- For notification workers and those who know of sessions; from any thread ---

  void changed(GroupId group, const std::vector<UserId>& users);
  void recheck(const std::vector<UserId>& users);
  // Spread over time where there are many connections.
  void recheck_all();
  // Closes the connections of a session or service key within a second.
  void session_ended(Uuid session_or_key);

  // --- For the process ---

  // Keeps the connections of the calling thread's loop: repeats what was not acknowledged, and
  // sends `recheck` to all when the loop has slept for more than 2 s. Called on each loop, ends
  // after `request_stop`.
  Task<void> run();
  // One step of it.
  void tick();
  // Says that this gateway lives, and registers whom it could not register before. On one loop,
  // every 3 s. When presence begins or ceases to answer, all are sent `recheck`, so that they learn
  // how often to poll.
  Task<void> beat();
  // Presence has become another one (new run or replication id): registers everybody anew.
  Task<void> presence_was_lost();

  void request_stop();
  // After every connection was closed: waits for what is under way. Called once.
  Task<void> stop();

  // Safe from any thread.
  struct Stats {
    std::size_t connections = 0;
    std::uint64_t changed_sent = 0;
    std::uint64_t rechecks_sent = 0;
    std::uint64_t acks_missed = 0;
    bool presence_answers = true;
  };
  Stats stats() const;

 private:
  struct Home;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
