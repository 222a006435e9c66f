#include "adapters/memory/memory_throttle.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

#include "adapters/memory/replay_memory.h"

namespace tidings {
namespace {

constexpr std::size_t kShards = 64;
constexpr milliseconds kSweepEvery = seconds(10);

using std::chrono::nanoseconds;

struct BucketKey {
  UserId user;
  std::string_view policy;
  bool operator==(const BucketKey&) const = default;
};
struct BucketKeyHash {
  std::size_t operator()(const BucketKey& key) const noexcept {
    return std::hash<UserId>()(key.user) ^ std::hash<std::string_view>()(key.policy);
  }
};

struct alignas(64) Shard {
  explicit Shard(std::size_t replays_max) : replays(replays_max) {}

  std::mutex mutex;
  std::unordered_map<BucketKey, Instant, BucketKeyHash> full_at;
  ReplayMemory replays;
  Instant swept_at = Instant::min();

  void sweep(Instant now) {
    if (now - kSweepEvery < swept_at) return;
    swept_at = now;
    std::erase_if(full_at, [now](const auto& bucket) { return bucket.second <= now; });
  }
};

milliseconds rounded_up(nanoseconds time) { return std::chrono::ceil<milliseconds>(time); }

// Takes from a bucket that is full at `full_at`: each token moves that moment by window / burst,
// and it may not be further away than the window.
Result<Allowance> take_from(Instant& full_at, ThrottlePolicy policy, std::uint32_t cost,
                            Instant now) {
  const nanoseconds window = policy.window;
  const nanoseconds token = window / policy.burst;
  const Instant full_after = std::max(full_at, now) + token * cost;
  const nanoseconds beyond = full_after - now - window;
  if (cost > policy.burst || beyond > nanoseconds(0)) {
    Error refused{ErrorCode::TooManyRequests, "Slow down: try again after the time given.", {}, {}};
    refused.refused_by = policy.name;
    refused.retry_after = std::max(milliseconds(1), rounded_up(std::min(beyond, window)));
    return std::unexpected(std::move(refused));
  }
  full_at = full_after;
  return Allowance{.policy = policy,
                   .remaining = static_cast<std::uint32_t>(-beyond / token),
                   .full_in = rounded_up(full_after - now)};
}

}  // namespace

struct MemoryThrottle::Impl {
  const Clock& clock;
  // Secret, so that nobody can make an id that passes for one of theirs that was granted.
  const Uuid salt = Uuid::v4();
  const Uuid other_salt = Uuid::v4();
  std::vector<std::unique_ptr<Shard>> shards;

  Impl(const Clock& clock_in, std::size_t replays_max) : clock(clock_in) {
    for (std::size_t shard = 0; shard < kShards; ++shard) {
      shards.push_back(std::make_unique<Shard>(replays_max / kShards));
    }
  }

  Shard& shard_of(UserId user) { return *shards[std::hash<UserId>()(user) % kShards]; }

  std::uint64_t fingerprint(UserId user, MessageId id) const;
};

namespace {

// Both halves keyed, multiplied, and folded.
std::uint64_t mix(const Uuid& value, const Uuid& key) {
  std::array<std::uint64_t, 2> halves;
  std::array<std::uint64_t, 2> keys;
  std::memcpy(halves.data(), value.bytes.data(), 16);
  std::memcpy(keys.data(), key.bytes.data(), 16);
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide(halves[0] ^ keys[0]) * (halves[1] ^ keys[1]);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint64_t MemoryThrottle::Impl::fingerprint(UserId user, MessageId id) const {
  return mix(id.value, salt) ^ mix(user.value, other_salt);
}

MemoryThrottle::MemoryThrottle(const Clock& clock, std::size_t replays_max)
    : impl_(std::make_unique<Impl>(clock, replays_max)) {}
MemoryThrottle::~MemoryThrottle() = default;

Task<Result<Allowance>> MemoryThrottle::take(UserId user, ThrottlePolicy policy,
                                             std::uint32_t cost) {
  Shard& shard = impl_->shard_of(user);
  const Instant now = impl_->clock.monotonic();
  const std::lock_guard lock(shard.mutex);
  shard.sweep(now);
  co_return take_from(shard.full_at[{user, policy.name}], policy, cost, now);
}

Task<Result<Allowance>> MemoryThrottle::take_send(UserId user, ThrottlePolicy send,
                                                  ThrottlePolicy read, std::uint32_t cost,
                                                  SendAttempt attempt) {
  Shard& shard = impl_->shard_of(user);
  const Instant now = impl_->clock.monotonic();
  const std::uint64_t fingerprint = impl_->fingerprint(user, attempt.id);
  const std::lock_guard lock(shard.mutex);
  shard.sweep(now);
  const bool replay = shard.replays.contains(fingerprint, now);
  const ThrottlePolicy policy = replay ? read : send;
  auto taken = take_from(shard.full_at[{user, policy.name}], policy, cost, now);
  if (!taken) co_return taken;
  taken->replay = replay;
  if (!replay) shard.replays.add(fingerprint, now);
  co_return taken;
}

MemoryThrottle::Stats MemoryThrottle::stats() const {
  Stats stats;
  for (const auto& shard : impl_->shards) {
    const std::lock_guard lock(shard->mutex);
    stats.buckets += shard->full_at.size();
    stats.replays += shard->replays.size();
  }
  return stats;
}

}  // namespace tidings
