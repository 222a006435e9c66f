#include "adapters/redis/gateway_lives.h"

#include <algorithm>
#include <chrono>

namespace tidings {

std::vector<std::string> GatewayLives::to_ask() const {
  const Instant now = clock_.monotonic();
  std::vector<std::string> addresses;
  const std::lock_guard lock(mutex_);
  for (const auto& [address, life] : lives_) {
    const bool believed = life.incarnation && now - life.asked_at < kBelievedFor;
    if (!believed) addresses.push_back(address);
  }
  return addresses;
}

void GatewayLives::learn(const std::string& address, std::optional<std::uint64_t> incarnation,
                         Instant asked_at) {
  const std::lock_guard lock(mutex_);
  std::erase_if(lives_, [&](const auto& known) {
    return known.first != address && known.second.is_forgotten(asked_at);
  });
  if (lives_.size() >= kRememberedMax && !lives_.contains(address)) {
    const auto asked = [](const auto& known) { return known.second.asked_at; };
    lives_.erase(std::ranges::min_element(lives_, {}, asked));
  }
  const auto [known, is_new] = lives_.try_emplace(address);
  Life& life = known->second;
  if (!is_new && asked_at < life.asked_at) return;  // others have asked since
  if (!incarnation && (is_new || life.incarnation)) life.silent_since = asked_at;
  life.incarnation = incarnation;
  life.asked_at = asked_at;
}

GatewayLives::Verdict GatewayLives::judge(const GatewayId& gateway) const {
  const Instant now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  const auto known = lives_.find(gateway.address);
  if (known == lives_.end()) return Verdict::Silent;
  const Life& life = known->second;
  if (life.incarnation == gateway.incarnation) return Verdict::Lives;
  if (life.incarnation) return Verdict::Gone;
  return now - life.silent_since >= kSilentFor ? Verdict::Gone : Verdict::Silent;
}

}  // namespace tidings
