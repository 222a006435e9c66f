#pragma once

#include <string>

#include "app/chat.h"
#include "app/client_listener.h"
#include "app/settings.h"
#include "core/server_figures.h"

namespace tidings {

// What an operator is shown of this process, wherever its sockets and its store are: those who have
// them add their own.
//
// Safe from any thread once `clients` listens.
class ProcessFigures {
 public:
  // All of it outlives it.
  ProcessFigures(ServerRole role, Chat& chat, const ClientListener& clients);

  // Awaits the queue; without it, its depth is 0.
  Task<ServerFigures> read() const;

 private:
  const ServerRole role_;
  Chat& chat_;
  const ClientListener& clients_;
  const std::string life_;  // a number that no other process has
  const Instant started_at_;
};

}  // namespace tidings
