#pragma once

#include "app/api_client.h"
#include "app/command_line.h"

namespace tidings {

// Prints the newest messages of one group or of all, then whatever comes. It opens the socket,
// waits for hello and only then pulls, so that nothing falls between; a cursor moves when a whole
// page was printed. Without the socket it polls.
Task<ExitCode> run_tail(ApiClient& client, AsioLoop& loop, ClientTail options, std::string ca);

}  // namespace tidings
