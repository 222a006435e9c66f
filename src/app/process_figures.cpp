#include "app/process_figures.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "app/version.h"
#include "base/bytes.h"
#include "base/random.h"

namespace tidings {
namespace {

constexpr std::size_t kBusyGroupsShown = 10;
constexpr std::size_t kLifeBytes = 8;

// The address that it listens at says nothing where it is 0.0.0.0, as in containers.
std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

}  // namespace

ProcessFigures::ProcessFigures(ServerRole role, Chat& chat, const ClientListener& clients)
    : role_(role),
      chat_(chat),
      clients_(clients),
      life_(to_hex(as_bytes_of(random_bytes(kLifeBytes)))),
      started_at_(chat.clock.monotonic()) {}

Task<ServerFigures> ProcessFigures::read() const {
  const Instant now = chat_.clock.monotonic();
  BusyGroups& groups = chat_.send_message.busy_groups();
  ServerFigures figures;
  figures.role = name_of(role_);
  figures.process =
      figures.role + ' ' + machine_name() + ':' + std::to_string(clients_.port()) + ' ' + life_;
  figures.version = kVersion;
  figures.up_seconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(now - started_at_).count());
  figures.stored = groups.total();
  figures.throttled = clients_.throttled();
  figures.connections = clients_.open_connections();
  // Told here and not by /metrics, where a label is never an id.
  figures.busy_groups = groups.busiest(kBusyGroupsShown, now);
  auto measuring = chat_.ports.queue.depth();
  if (const auto depth = co_await std::move(measuring)) {
    figures.queue_waiting = depth->waiting;
    figures.queue_leased = depth->leased;
  }
  co_return figures;
}

}  // namespace tidings
