#pragma once

#include <functional>

#include "core/round_rules.h"
#include "ports/arrival_log.h"
#include "ports/group_queue.h"
#include "ports/group_store.h"
#include "ports/message_store.h"

namespace tidings {

// The ports under the core whose faults the history checker must find, and the rules of sync.
//
// In `tidings` they are the backend's own adapters. A test program puts faults between them and the
// core (tests/faults): a checker that has never failed proves nothing.
struct BackendPorts {
  MessageStore& messages;
  ArrivalLog* arrivals;  // null: sync reads rounds, as over a store without an order of arrival
  GroupStore& groups;
  GroupQueue& queue;
  RoundRules round_rules;
};

// Returns what the core is to stand on instead of the backend's own; empty: on those. What it
// returns lives as long as the process.
using PortsHook = std::function<BackendPorts(BackendPorts)>;

}  // namespace tidings
