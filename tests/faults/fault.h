#pragma once

#include <optional>
#include <string_view>

#include "app/backend_ports.h"

namespace tidings {

// What a server does wrong.
enum class Fault {
  None,
  Rounds,               // nothing: but it syncs by rounds, as over a store without an arrival log
  DropSend,             // acknowledges a message and forgets it
  GarbleBody,           // stores another text than was sent
  SwapRows,             // answers a page with two rows in the wrong order
  HideArrival,          // leaves a message out of the arrival log
  AcceptSecondContent,  // acknowledges other content under an id that is taken
  ForgetEdits,          // shows the first text of an edited message
  ForgetDeletes,        // shows a deleted message
  ClearMarkAtAck,       // loses a mark that is set while the group is being told
  SkipMembershipCheck,  // lets anybody into a group that it has looked up before
  NoOverlap,            // reads rounds from the watermark on, as if it were a position
};

// By its name in `FAULT`: "drop-send". Nothing for a name that is none.
std::optional<Fault> fault_of_name(std::string_view name);

// The hook that makes a server do it.
PortsHook with_fault(Fault fault);

}  // namespace tidings
