#include "core/recent_ids.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "base/ensure.h"
#include "model/limits.h"

namespace tidings {
namespace {

// A table that is used by its low bits needs them mixed.
std::uint64_t mix(std::uint64_t hash) {
  hash ^= hash >> 32;
  hash *= 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

std::uint32_t second_of(Instant now) {
  const auto count = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
  return static_cast<std::uint32_t>(count) + 1;  // never 0, which says free
}

std::uint64_t load(std::uint64_t& slot) {
  return std::atomic_ref(slot).load(std::memory_order_relaxed);
}
void store(std::uint64_t& slot, std::uint64_t value) {
  std::atomic_ref(slot).store(value, std::memory_order_relaxed);
}

constexpr auto kAgeMax = static_cast<std::uint32_t>(kRememberIdFor / seconds(1));

std::uint32_t name_in(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }
std::uint32_t age_of(std::uint64_t value, Instant now) {
  return second_of(now) - static_cast<std::uint32_t>(value);
}

}  // namespace

RecentIds::RecentIds(std::size_t buckets) : slots_(buckets * kWays), mask_(buckets - 1) {
  ensure(std::has_single_bit(buckets), "a power of two");
}

bool RecentIds::has(std::uint64_t hash, Instant now) const {
  const std::uint64_t mixed = mix(hash);
  std::uint64_t* const bucket = &slots_[(mixed & mask_) * kWays];
  return std::any_of(bucket, bucket + kWays, [mixed, now](std::uint64_t& slot) {
    const std::uint64_t value = load(slot);
    return value != 0 && name_in(value) == name_in(mixed) && age_of(value, now) <= kAgeMax;
  });
}

bool RecentIds::note(std::uint64_t hash, Instant now) {
  const std::uint64_t mixed = mix(hash);
  std::uint64_t* const bucket = &slots_[(mixed & mask_) * kWays];
  std::uint64_t* oldest = bucket;
  for (std::uint64_t* slot = bucket; slot != bucket + kWays; ++slot) {
    const std::uint64_t value = load(*slot);
    if (value != 0 && name_in(value) == name_in(mixed)) {
      if (age_of(value, now) <= kAgeMax) return true;
      oldest = slot;
      break;
    }
    const std::uint64_t held = load(*oldest);
    if (held != 0 && (value == 0 || age_of(value, now) > age_of(held, now))) oldest = slot;
  }
  const std::uint64_t name = name_in(mixed);
  store(*oldest, (name << 32) | second_of(now));
  return false;
}

}  // namespace tidings
