#include "app/backend.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "core/policies.h"

namespace tidings {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

RocksOptions rocks_options(const Settings& settings) {
  RocksOptions options;
  options.directory = settings.data;
  options.durability = settings.durability == "os" ? Durability::Os : Durability::Fsync;
  options.cache_bytes = settings.block_cache_mib * kMiB;
  options.write_buffer_bytes = settings.write_buffer_mib * kMiB;
  return options;
}

PasswordCost password_cost(const Settings& settings) {
  PasswordCost cost;
  cost.passes = settings.argon2_passes;
  cost.memory_bytes = settings.argon2_memory_mib * kMiB;
  cost.threads = settings.argon2_threads;
  return cost;
}

ThrottleRates throttle_rates(const Settings& settings) {
  const auto rate = [](Rate of) { return ThrottleRates::Rate{of.count, of.seconds}; };
  return {.person_sends = rate(settings.person_sends),
          .person_reads = rate(settings.person_reads),
          .person_writes = rate(settings.person_writes),
          .service_sends = rate(settings.service_sends),
          .service_reads = rate(settings.service_reads),
          .service_writes = rate(settings.service_writes)};
}

// What is in there is nobody else's business. A directory that was there keeps its rights.
Result<void> make_directory(const std::filesystem::path& data) {
  std::error_code error;
  if (std::filesystem::is_directory(data, error)) return {};
  std::filesystem::create_directories(data, error);
  if (error)
    return fail(ErrorCode::InvalidRequest,
                "The data directory " + data.string() + " can't be made: " + error.message() + '.');
  ::chmod(data.c_str(), S_IRWXU);
  return {};
}

BackendPorts under_core(BackendPorts own, const PortsHook& hook) { return hook ? hook(own) : own; }

}  // namespace

Result<std::unique_ptr<Backend>> Backend::open(const Settings& settings, const Clock& clock,
                                               const PortsHook& hook) {
  set_throttle_rates(throttle_rates(settings));
  if (auto made = make_directory(settings.data); !made) return forward(std::move(made));
  auto store = RocksStore::open(rocks_options(settings));
  if (!store) return forward(std::move(store));
  auto keys = AccessKeys::open(settings.data, clock);
  if (!keys) return forward(std::move(keys));
  return std::make_unique<Backend>(settings, clock, std::move(*store), std::move(*keys), hook);
}

Backend::Backend(const Settings& settings, const Clock& clock, std::unique_ptr<RocksStore> opened,
                 std::unique_ptr<AccessKeys> keys, const PortsHook& hook)
    : clock(clock),
      store(std::move(opened)),
      queue(clock),
      presence(clock),
      throttle(clock),
      hasher(password_cost(settings)),
      access_keys(std::move(keys)),
      ports(under_core({.messages = store->messages(),
                        .arrivals = &store->arrivals(),
                        .groups = store->groups(),
                        .queue = queue,
                        .round_rules = {}},
                       hook)),
      directory(ports.groups, store->users(), clock),
      // A queue in this process can't be lost alone: nothing is remembered for that.
      marker(ports.queue, clock, 0),
      clock_guard(clock, nullptr),
      sign_in_limit(clock),
      sessions(store->sessions(), store->users(), directory, hasher, access_keys->tokens(),
               sign_in_limit, clock),
      accounts(store->users(), sessions, directory, hasher, sign_in_limit, clock,
               AccountRules{settings.registration == "open"}),
      services(store->users(), store->sessions(), sessions, clock),
      blocks(store->users(), directory),
      group_changes(ports.groups, ports.messages, directory, marker, clock),
      ownership(ports.groups, directory, group_changes, clock),
      groups(ports.groups, ports.messages, directory, blocks, ownership, group_changes, throttle,
             clock),
      members(ports.groups, directory, blocks, ownership, group_changes, clock),
      end_account(store->users(), ports.groups, ports.messages, store->sessions(), sessions,
                  directory, ownership, group_changes, clock),
      acquaintances(ports.groups, directory),
      statuses(directory, acquaintances, presence, clock),
      profiles(store->users(), directory, statuses),
      send_message(ports.messages, ports.groups, directory, throttle, marker, clock_guard, clock),
      sync(ports.messages, ports.arrivals, directory, clock_guard, clock, ports.round_rules),
      history(ports.messages, directory),
      digest_check(ports.messages, directory, clock),
      read_marks(store->read_marks(), directory, sync, clock),
      status_feed(ports.groups, ports.messages, directory, history, read_marks, statuses,
                  clock_guard, clock) {}

Task<void> Backend::stop() {
  co_await send_message.stop();
  co_await marker.stop();
  co_await sessions.stop();
}

}  // namespace tidings
