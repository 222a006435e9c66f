#include "core/recent_ids.h"

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

}  // namespace

RecentIds::RecentIds(std::size_t buckets) : slots_(buckets * kWays), mask_(buckets - 1) {
  ensure(std::has_single_bit(buckets), "a power of two");
}

RecentIds::Slot* RecentIds::bucket_of(std::uint64_t hash) {
  return &slots_[(hash & mask_) * kWays];
}

bool RecentIds::note(std::uint64_t hash, Instant now) {
  const std::uint64_t mixed = mix(hash);
  const auto name = static_cast<std::uint32_t>(mixed >> 32);
  const std::uint32_t second = second_of(now);
  const auto age = [second](std::uint64_t slot) {
    return second - static_cast<std::uint32_t>(slot);
  };

  Slot* const bucket = bucket_of(mixed);
  Slot* oldest = bucket;
  for (Slot* slot = bucket; slot != bucket + kWays; ++slot) {
    const std::uint64_t value = slot->load(std::memory_order_relaxed);
    if (value != 0 && value >> 32 == name) {
      if (age(value) <= static_cast<std::uint32_t>(kRememberIdFor / seconds(1))) return true;
      oldest = slot;
      break;
    }
    const std::uint64_t held = oldest->load(std::memory_order_relaxed);
    if (held != 0 && (value == 0 || age(value) > age(held))) oldest = slot;
  }
  oldest->store((std::uint64_t{name} << 32) | second, std::memory_order_relaxed);
  return false;
}

void RecentIds::forget(std::uint64_t hash) {
  const std::uint64_t mixed = mix(hash);
  Slot* const bucket = bucket_of(mixed);
  for (Slot* slot = bucket; slot != bucket + kWays; ++slot) {
    if (slot->load(std::memory_order_relaxed) >> 32 == mixed >> 32) {
      slot->store(0, std::memory_order_relaxed);
    }
  }
}

}  // namespace tidings
