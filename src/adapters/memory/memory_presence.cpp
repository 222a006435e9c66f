#include "adapters/memory/memory_presence.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kShards = 16;
constexpr milliseconds kLife = seconds(10);

using GatewayNumber = std::uint32_t;

struct alignas(64) Shard {
  std::mutex mutex;
  std::unordered_map<UserId, std::vector<GatewayNumber>> gateways;
};

}  // namespace

struct MemoryPresence::Impl {
  const Clock& clock;
  std::array<Shard, kShards> shards;

  // Gateways are few and known by number inside; their names are kept once.
  std::shared_mutex mutex;  // guards what follows
  std::map<GatewayId, GatewayNumber> numbers;
  std::vector<std::pair<GatewayId, Instant>> alive_until;

  explicit Impl(const Clock& clock_in) : clock(clock_in) {}

  Shard& shard_of(UserId user) { return shards[std::hash<UserId>()(user) % kShards]; }

  GatewayNumber number_of(const GatewayId& gateway) {
    {
      const std::shared_lock lock(mutex);
      const auto found = numbers.find(gateway);
      if (found != numbers.end()) return found->second;
    }
    const std::unique_lock lock(mutex);
    const auto [entry, fresh] =
        numbers.try_emplace(gateway, static_cast<GatewayNumber>(alive_until.size()));
    if (fresh) alive_until.emplace_back(gateway, Instant::min());
    return entry->second;
  }
};

MemoryPresence::MemoryPresence(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
MemoryPresence::~MemoryPresence() = default;

Task<Result<void>> MemoryPresence::connected(UserId user, GatewayId gateway) {
  const GatewayNumber number = impl_->number_of(gateway);
  Shard& shard = impl_->shard_of(user);
  const std::lock_guard lock(shard.mutex);
  auto& gateways = shard.gateways[user];
  if (std::ranges::find(gateways, number) == gateways.end()) gateways.push_back(number);
  co_return {};
}

Task<Result<void>> MemoryPresence::disconnected(UserId user, GatewayId gateway) {
  const GatewayNumber number = impl_->number_of(gateway);
  Shard& shard = impl_->shard_of(user);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.gateways.find(user);
  if (found == shard.gateways.end()) co_return {};
  std::erase(found->second, number);
  if (found->second.empty()) shard.gateways.erase(found);
  co_return {};
}

Task<Result<void>> MemoryPresence::heartbeat(GatewayId gateway) {
  const GatewayNumber number = impl_->number_of(gateway);
  const std::unique_lock lock(impl_->mutex);
  impl_->alive_until[number].second = impl_->clock.monotonic() + kLife;
  co_return {};
}

Task<Result<std::vector<Presence::Location>>> MemoryPresence::locate(std::vector<UserId> users) {
  std::vector<Location> locations;
  const Instant now = impl_->clock.monotonic();
  const std::shared_lock gateways_lock(impl_->mutex);
  for (const UserId user : users) {
    Shard& shard = impl_->shard_of(user);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.gateways.find(user);
    if (found == shard.gateways.end()) continue;
    for (const GatewayNumber number : found->second) {
      const auto& [gateway, alive_until] = impl_->alive_until[number];
      if (now < alive_until) locations.push_back({user, gateway});
    }
  }
  co_return locations;
}

void MemoryPresence::lose_everything() {
  for (Shard& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    shard.gateways.clear();
  }
  const std::unique_lock lock(impl_->mutex);
  for (auto& [gateway, alive_until] : impl_->alive_until) alive_until = Instant::min();
}

}  // namespace tidings
