#include "tests/faults/fault.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "tests/faults/faulty_arrival_log.h"
#include "tests/faults/faulty_group_queue.h"
#include "tests/faults/faulty_group_store.h"
#include "tests/faults/faulty_message_store.h"

namespace tidings {
namespace {

constexpr std::array<std::pair<std::string_view, Fault>, 12> kNames{{
    {"none", Fault::None},
    {"rounds", Fault::Rounds},
    {"drop-send", Fault::DropSend},
    {"garble-body", Fault::GarbleBody},
    {"swap-rows", Fault::SwapRows},
    {"hide-arrival", Fault::HideArrival},
    {"accept-second-content", Fault::AcceptSecondContent},
    {"forget-edits", Fault::ForgetEdits},
    {"forget-deletes", Fault::ForgetDeletes},
    {"clear-mark-at-ack", Fault::ClearMarkAtAck},
    {"skip-membership-check", Fault::SkipMembershipCheck},
    {"no-overlap", Fault::NoOverlap},
}};

// What stands between the backend's ports and the core. As long as the process lives.
struct FaultyPorts {
  FaultyPorts(const BackendPorts& own, Fault fault)
      : messages(own.messages, fault),
        arrivals(own.arrivals, fault),
        groups(own.groups, fault),
        queue(own.queue, clock, fault) {}

  SystemClock clock;
  FaultyMessageStore messages;
  FaultyArrivalLog arrivals;
  FaultyGroupStore groups;
  FaultyGroupQueue queue;
};

}  // namespace

std::optional<Fault> fault_of_name(std::string_view name) {
  const auto* const found =
      std::ranges::find(kNames, name, [](const auto& one) { return one.first; });
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

PortsHook with_fault(Fault fault) {
  return [fault](BackendPorts own) {
    static FaultyPorts faulty(own, fault);
    const bool has_log =
        own.arrivals != nullptr && fault != Fault::Rounds && fault != Fault::NoOverlap;
    RoundRules rules = own.round_rules;
    rules.read_overlap = fault != Fault::NoOverlap;
    return BackendPorts{.messages = faulty.messages,
                        .arrivals = has_log ? &faulty.arrivals : nullptr,
                        .groups = faulty.groups,
                        .users = own.users,
                        .sessions = own.sessions,
                        .read_marks = own.read_marks,
                        .store_clocks = own.store_clocks,
                        .queue = faulty.queue,
                        .marks_kept_max = own.marks_kept_max,
                        .presence = own.presence,
                        .throttle = own.throttle,
                        .hasher = own.hasher,
                        .access_tokens = own.access_tokens,
                        .round_rules = rules};
  };
}

}  // namespace tidings
