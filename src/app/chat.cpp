#include "app/chat.h"

#include "core/policies.h"

namespace tidings {
namespace {

ThrottleRates throttle_rates(const Settings& settings) {
  const auto rate = [](Rate of) { return ThrottleRates::Rate{of.count, of.seconds}; };
  return {.person_sends = rate(settings.person_sends),
          .person_reads = rate(settings.person_reads),
          .person_writes = rate(settings.person_writes),
          .service_sends = rate(settings.service_sends),
          .service_reads = rate(settings.service_reads),
          .service_writes = rate(settings.service_writes)};
}

// Before any class of the core asks for them.
const Clock& with_rates(const Clock* clock, const Settings& settings) {
  set_throttle_rates(throttle_rates(settings));
  return *clock;
}

}  // namespace

Chat::Chat(const Settings& settings, const Clock& clock_in, const BackendPorts& ports_in)
    : clock(with_rates(&clock_in, settings)),
      ports(ports_in),
      directory(ports.groups, ports.users, clock),
      marker(ports.queue, clock, ports.marks_kept_max),
      clock_guard(clock, ports.store_clocks),
      store_watch(ports.users, clock),
      sign_in_limit(clock),
      sessions(ports.sessions, ports.users, directory, ports.hasher, ports.access_tokens,
               sign_in_limit, clock),
      accounts(ports.users, sessions, directory, ports.hasher, sign_in_limit, clock,
               AccountRules{settings.registration == "open"}),
      services(ports.users, ports.sessions, sessions, clock),
      blocks(ports.users, directory),
      group_changes(ports.groups, ports.messages, directory, marker, clock),
      ownership(ports.groups, directory, group_changes, clock),
      groups(ports.groups, ports.messages, directory, blocks, ownership, group_changes,
             ports.throttle, clock_guard, clock),
      members(ports.groups, directory, blocks, ownership, group_changes, clock_guard, clock),
      end_account(ports.users, ports.groups, ports.messages, ports.sessions, sessions, directory,
                  ownership, group_changes, clock),
      acquaintances(ports.groups, directory),
      statuses(directory, acquaintances, ports.presence, clock),
      profiles(ports.users, directory, statuses),
      send_message(ports.messages, ports.groups, directory, ports.throttle, marker, clock_guard,
                   clock),
      sync(ports.messages, ports.arrivals, directory, clock_guard, clock, ports.round_rules),
      history(ports.messages, directory, clock),
      digest_check(ports.messages, directory, clock),
      read_marks(ports.read_marks, directory, sync, clock),
      status_feed(ports.groups, ports.messages, directory, history, read_marks, statuses,
                  clock_guard, clock) {}

Task<void> Chat::stop() {
  co_await send_message.stop();
  co_await marker.stop();
  co_await sessions.stop();
}

}  // namespace tidings
